/** A form that sends one event to ingest, and the steps of that event below it. */
import { type Accessor, createSignal, type JSX, onCleanup, Show } from "solid-js";
import { followEvent, type Progress } from "./follow_event.ts";
import { Panel } from "../panels/panel.tsx";
import { type Fetch, sendEvent, type Sent, type TestEvent } from "./send_event.ts";
import type { Clock } from "../stream/stream.ts";
import { TraceSteps } from "./trace_steps.tsx";

export interface TestEventPanelProps {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly ingestUrl: string;
  readonly nowMs: Accessor<number>;
  readonly isArchiveEnabled: () => boolean;
}

export function TestEventPanel(props: TestEventPanelProps) {
  const [isSending, setSending] = createSignal(false);
  const [answer, setAnswer] = createSignal<{ sent: Sent; afterMs: number } | null>(null);
  const [progress, setProgress] = createSignal<Progress | null>(null);
  let stopFollowing = (): void => {};
  onCleanup(() => stopFollowing());

  const follow = (eventId: string): void => {
    stopFollowing();
    stopFollowing = followEvent(eventId, { ...props, onProgress: setProgress });
  };
  const send = async (event: TestEvent): Promise<void> => {
    stopFollowing();
    setSending(true);
    setAnswer(null);
    setProgress(null);
    const startMs = props.clock.now();
    const sent = await sendEvent(event, props);
    setAnswer({ sent, afterMs: props.clock.now() - startMs });
    setSending(false);
    if (sent.kind === "accepted") follow(sent.eventId);
  };
  const pointer = (): string => {
    const sent = answer()?.sent;
    return sent?.kind === "rejected" ? (sent.pointer ?? "") : "";
  };

  return (
    <Panel title="Test event" area="test">
      <p class="lead">Send one event and follow it into the table and the archive.</p>
      <EventForm isSending={isSending()} pointer={pointer()} onSend={(event) => void send(event)} />
      <Show when={answer()}>
        {(known) => (
          <Outcome
            sent={known().sent}
            afterMs={known().afterMs}
            progress={progress()}
            nowMs={props.nowMs()}
            isArchiveEnabled={props.isArchiveEnabled()}
            onFollow={follow}
          />
        )}
      </Show>
    </Panel>
  );
}

function EventForm(props: {
  readonly isSending: boolean;
  readonly pointer: string;
  readonly onSend: (event: TestEvent) => void;
}) {
  const isWrong = (field: string) => props.pointer.split("/").includes(field);
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    if (props.isSending) return;
    const form = new FormData(event.currentTarget);
    const field = (name: keyof TestEvent): string => String(form.get(name) ?? "");
    props.onSend({
      sessionId: field("sessionId"),
      eventType: field("eventType"),
      payload: field("payload"),
    });
  };
  return (
    // Ingest alone judges the event: the browser's own checks would hide its answer.
    <form class="form" noValidate onSubmit={submit}>
      <TextField label="Session" name="sessionId" value="dashboard-1" isWrong={isWrong} />
      <TextField label="Event type" name="eventType" value="page_view" isWrong={isWrong} />
      <label class="field field-wide">
        <span>Payload, JSON</span>
        <textarea name="payload" rows="3" spellcheck={false} aria-invalid={isWrong("payload")}>
          {'{"path":"/home"}'}
        </textarea>
      </label>
      <button type="submit" class="button" aria-disabled={props.isSending}>
        {props.isSending ? "Sending" : "Send event"}
      </button>
    </form>
  );
}

function TextField(props: {
  readonly label: string;
  readonly name: keyof TestEvent;
  readonly value: string;
  readonly isWrong: (field: string) => boolean;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        name={props.name}
        value={props.value}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={props.isWrong(props.name)}
      />
    </label>
  );
}

function Outcome(props: {
  readonly sent: Sent;
  readonly afterMs: number;
  readonly progress: Progress | null;
  readonly nowMs: number;
  readonly isArchiveEnabled: boolean;
  readonly onFollow: (eventId: string) => void;
}) {
  const accepted = () => (props.sent.kind === "accepted" ? props.sent : null);
  const rejected = () => (props.sent.kind === "rejected" ? props.sent : null);
  const unanswered = () => (props.sent.kind === "unanswered" ? props.sent : null);
  return (
    <>
      <Show when={accepted()}>{(sent) => <TraceSteps {...props} sent={sent()} />}</Show>
      <Show when={rejected()}>{(sent) => <Rejected sent={sent()} />}</Show>
      <Show when={unanswered()}>
        {(sent) => (
          <div class="outcome outcome-bad" role="alert">
            <p class="outcome-title">No answer</p>
            <p>{sent().reason}</p>
          </div>
        )}
      </Show>
    </>
  );
}

function Rejected(props: { readonly sent: Extract<Sent, { kind: "rejected" }> }) {
  const details = () =>
    [
      { name: "Code", text: props.sent.code },
      { name: "At", text: props.sent.pointer === "" ? "the whole event" : props.sent.pointer },
      { name: "Status", text: String(props.sent.status) },
      { name: "Request", text: props.sent.requestId },
    ].filter((detail) => detail.text !== null);
  return (
    <div class="outcome outcome-bad" role="alert">
      <p class="outcome-title">{props.sent.status >= 500 ? "Not accepted" : "Rejected"}</p>
      <p>{props.sent.title}</p>
      <dl class="details">
        {details().map((detail) => (
          <div>
            <dt>{detail.name}</dt>
            <dd>
              <code>{detail.text}</code>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
