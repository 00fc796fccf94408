/** The event as a form: templates, fields, a payload that is judged while it is typed, how many. */
import { createSignal, For, type JSX, Show } from "solid-js";
import { plural } from "../../panels/format.ts";
import type { Session } from "../../sign_in/session_requests.ts";
import type { TestEvent } from "../../test_event/send_event.ts";
import { BURST_EVENTS_MAX } from "./burst.ts";
import type { Wish } from "./create_sending.ts";
import { describeJudgement, type Judgement } from "./judge.ts";
import { TEMPLATES } from "./templates.ts";
import { WriteKeyField } from "./write_key.tsx";

export interface SendFormProps {
  readonly event: TestEvent;
  readonly verdict: Judgement;
  readonly isSending: boolean;
  /** Who looks at the page; null until that is known. */
  readonly session: Session | null;
  /** The code with which ingest refused the last event or burst, or null. */
  readonly code: string | null;
  readonly onChange: (changes: Partial<TestEvent>) => void;
  readonly onSend: (wish: Wish) => void;
  readonly onStop: () => void;
}

const SESSIONS_MAX = 1000;

export function SendForm(props: SendFormProps) {
  const [events, setEvents] = createSignal(1);
  const [sessions, setSessions] = createSignal(10);
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    props.onSend({ events: events(), sessions: events() === 1 ? 1 : sessions() });
  };
  return (
    // Ingest alone decides: the browser's own checks would hide its answer.
    <form class="form" noValidate onSubmit={submit}>
      <div class="field-wide toolbar" role="group" aria-label="Templates">
        <For each={TEMPLATES}>
          {(template) => (
            <button
              type="button"
              class="button-quiet"
              onClick={() =>
                props.onChange({
                  eventType: template.eventType,
                  payload: JSON.stringify(template.payload, null, 2),
                })
              }
            >
              {template.name}
            </button>
          )}
        </For>
      </div>
      <TextField {...props} label="Session" name="sessionId" />
      <TextField {...props} label="Event type" name="eventType" />
      <label class="field field-wide">
        <span>Payload, JSON</span>
        <textarea
          rows="8"
          spellcheck={false}
          value={props.event.payload}
          aria-invalid={isAt(props.verdict, "payload")}
          aria-describedby="send-verdict"
          onInput={(event) => props.onChange({ payload: event.currentTarget.value })}
        />
      </label>
      <Verdict verdict={props.verdict} />
      <details class="field-wide">
        <summary>Own id and time</summary>
        <div class="form">
          <TextField {...props} label="Event id; ingest makes one when empty" name="eventId" />
          <TextField {...props} label="Time, RFC 3339; now when empty" name="ts" />
        </div>
      </details>
      <NumberField label="Events" value={events()} max={BURST_EVENTS_MAX} onInput={setEvents} />
      <Show when={events() > 1}>
        <NumberField label="Sessions" value={sessions()} max={SESSIONS_MAX} onInput={setSessions} />
      </Show>
      <WriteKeyField session={props.session} code={props.code} />
      <div class="toolbar field-wide">
        <button type="submit" class="button" aria-disabled={props.isSending}>
          {props.isSending ? "Sending" : `Send ${plural(events(), "event")}`}
        </button>
        <Show when={props.isSending && events() > 1}>
          <button type="button" class="button-quiet" onClick={() => props.onStop()}>
            Stop
          </button>
        </Show>
      </div>
    </form>
  );
}

function isAt(verdict: Judgement, field: string): boolean {
  return verdict.kind === "bad" && verdict.pointer === `/${field}`;
}

function TextField(
  props: SendFormProps & { readonly label: string; readonly name: keyof TestEvent },
) {
  const change = (text: string): void => {
    const isOptional = props.name === "eventId" || props.name === "ts";
    props.onChange({ [props.name]: isOptional && text === "" ? undefined : text });
  };
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        value={props.event[props.name] ?? ""}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isAt(props.verdict, props.name)}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}

function NumberField(props: {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly onInput: (value: number) => void;
}) {
  return (
    <label class="field">
      <span>
        {props.label}, 1 to {props.max.toLocaleString("en")}
      </span>
      <input
        type="number"
        min="1"
        max={props.max}
        value={props.value}
        onInput={(event) => {
          const typed = Math.floor(Number(event.currentTarget.value));
          if (typed >= 1) props.onInput(Math.min(props.max, typed));
        }}
      />
    </label>
  );
}

function Verdict(props: { readonly verdict: Judgement }) {
  const words = (): string => {
    const { verdict } = props;
    const size = verdict.kind === "good" ? `, ${plural(verdict.bytes, "byte")} of JSON` : "";
    return describeJudgement(verdict, size);
  };
  return (
    <p id="send-verdict" class="field-wide verdict-line" data-kind={props.verdict.kind}>
      {words()}
    </p>
  );
}
