/** A dead letter edited, and sent as a new event through ingest, linked to its letter. */
import { createMemo, createSignal, type JSX, Show } from "solid-js";
import type { Outcome } from "../../questions/ask.ts";
import { describeJudgement, judge } from "../send/judge.ts";
import { codeOf, WriteKeyField, writeKey } from "../send/write_key.tsx";
import { sendEvent, type Sent, type TestEvent } from "../../test_event/send_event.ts";
import { createOperator } from "../parts/operator.tsx";
import type { Problem } from "../../questions/ask.ts";
import { ProblemNote } from "../parts/states.tsx";
import type { ViewProps } from "../parts/view.ts";
import { draftOf } from "./draft.ts";
import type { DeadLetterDetail } from "@tally/shared/dead_letters";

export interface EditLetterProps extends ViewProps {
  readonly letter: DeadLetterDetail;
  /** The new event is in the log and linked to its letter. */
  readonly onSent: () => void;
  readonly onClose: () => void;
}

export function EditLetter(props: EditLetterProps) {
  const draft = draftOf(props.letter);
  const edit = createEdit(props, draft);
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (submitted) => {
    submitted.preventDefault();
    void edit.send();
  };
  return (
    <form class="form edit-letter" noValidate onSubmit={submit}>
      <p class="field-wide lead">
        It goes through ingest as a new event with an id of its own. When it is a row, this letter
        is resolved.
      </p>
      <Field
        label="Session"
        value={draft.sessionId}
        onInput={(sessionId) => edit.change({ sessionId })}
      />
      <Field
        label="Event type"
        value={draft.eventType}
        onInput={(eventType) => edit.change({ eventType })}
      />
      <Field
        label="Time, RFC 3339; now when empty"
        value={draft.ts ?? ""}
        onInput={(ts) => edit.changeTime(ts)}
      />
      <label class="field field-wide">
        <span>Payload, JSON</span>
        <textarea
          rows="8"
          spellcheck={false}
          value={draft.payload}
          onInput={(typed) => edit.change({ payload: typed.currentTarget.value })}
        />
      </label>
      <p class="field-wide verdict-line" data-kind={edit.verdict().kind} role="status">
        {describeJudgement(edit.verdict())}
      </p>
      <WriteKeyField session={props.access.session()} code={codeOf(edit.sent())} />
      <div class="toolbar field-wide">
        <button type="submit" class="button" aria-disabled={edit.isSending()}>
          {edit.sent()?.kind === "accepted" ? "Link it to its letter" : "Send as a new event"}
        </button>
        <button type="button" class="button-quiet" onClick={() => props.onClose()}>
          Leave it
        </button>
      </div>
      <Show when={edit.sent()}>
        {(answer) => <p class="field-wide view-notice">{answerOf(answer())}</p>}
      </Show>
      <ProblemNote problem={edit.problem()} />
    </form>
  );
}

/** The event as it is typed, and its way: first through ingest, then linked to its letter. */
function createEdit(props: EditLetterProps, draft: TestEvent) {
  const operator = createOperator(props);
  const [event, setEvent] = createSignal<TestEvent>(draft);
  const [isSending, setSending] = createSignal(false);
  const [sent, setSent] = createSignal<Sent | null>(null);
  const [problem, setProblem] = createSignal<Problem | null>(null);
  const link = async (accepted: Extract<Sent, { kind: "accepted" }>): Promise<void> => {
    const { eventId, partition, offset } = accepted;
    const outcome: Outcome<object> = await props.asker.ask<object>(
      { path: `dead-letters/${props.letter.id}/edited`, body: { eventId, partition, offset } },
      new AbortController().signal,
    );
    if (outcome.kind === "answered") props.onSent();
    else if (outcome.kind !== "aborted") setProblem(outcome);
  };
  return {
    isSending,
    sent,
    problem,
    verdict: createMemo(() => judge(event(), props.clock.wallNow())),
    change: (changes: Partial<TestEvent>): void =>
      void setEvent((before) => ({ ...before, ...changes })),
    changeTime: (text: string): void => {
      const { ts: _, ...rest } = event();
      setEvent(text === "" ? rest : { ...rest, ts: text });
    },
    async send(): Promise<void> {
      if (isSending() || !operator.isAllowed()) return;
      setSending(true);
      setProblem(null);
      // Once ingest has the event, only the link is tried again: no second event results.
      let answer = sent();
      if (answer?.kind !== "accepted") {
        answer = await sendEvent(event(), { ...props, key: writeKey() });
        setSent(answer);
      }
      if (answer.kind === "accepted") await link(answer);
      setSending(false);
    },
  };
}

function Field(props: {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        value={props.value}
        autocomplete="off"
        spellcheck={false}
        onInput={(typed) => props.onInput(typed.currentTarget.value)}
      />
    </label>
  );
}

function answerOf(sent: Sent): string {
  switch (sent.kind) {
    case "accepted":
      return `Accepted as ${sent.eventId}.`;
    case "rejected":
      return `Not accepted: ${sent.title} (${sent.code ?? sent.status}).`;
    case "unanswered":
      return sent.reason;
  }
}
