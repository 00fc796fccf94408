/** The steps of one event: accepted, stored, archived, each with its place and time. */
import { createUniqueId, type JSX, Show } from "solid-js";
import type { EventTrace } from "@tally/shared";
import { FOLLOW_MS_MAX, type Progress } from "./follow_event.ts";
import { formatDuration, formatLatency, formatOffset, formatTime } from "../panels/format.ts";
import type { Sent } from "./send_event.ts";

export interface TraceStepsProps {
  readonly sent: Extract<Sent, { kind: "accepted" }>;
  /** Time from the request to ingest's answer. */
  readonly afterMs: number;
  readonly progress: Progress | null;
  readonly nowMs: number;
  readonly isArchiveEnabled: boolean;
  readonly onFollow: (eventId: string) => void;
}

export function TraceSteps(props: TraceStepsProps) {
  const id = createUniqueId();
  const trace = () => props.progress?.trace ?? null;
  const isStored = () => (props.progress?.storedAfterMs ?? null) !== null;
  const isArchived = () => (props.progress?.archivedAfterMs ?? null) !== null;
  const active = (): StepState => (props.progress?.state === "gave_up" ? "waiting" : "active");
  return (
    <div class="outcome">
      <h3 class="small-title" id={id}>
        Event <code class="key">{props.sent.eventId}</code>
      </h3>
      {/* One sentence for a screen reader; the steps themselves stay silent. */}
      <p class="visually-hidden" role="status">
        {isArchived() ? "Archived" : isStored() ? "Stored" : "Accepted"}
      </p>
      <ol class="steps" aria-labelledby={id}>
        <Step name="Accepted" state="done">
          <p>
            Partition {props.sent.partition}, offset {formatOffset(props.sent.offset)}
          </p>
          <p>Ingest answered after {formatLatency(props.afterMs)}.</p>
        </Step>
        <Step name="Stored" state={isStored() ? "done" : active()}>
          <Show when={isStored()} fallback={<p>Waiting for the row.</p>}>
            <p>
              Row seen {formatLatency(props.progress?.storedAfterMs ?? null)} after the answer;
              received at {time(trace()?.accepted?.at, props.nowMs)}.
            </p>
          </Show>
        </Step>
        <Show when={props.isArchiveEnabled} fallback={<ArchiveOff />}>
          <Step name="Archived" state={isArchived() ? "done" : isStored() ? active() : "waiting"}>
            <ArchiveStep archive={trace()?.archive ?? null} isStored={isStored()} {...props} />
          </Step>
        </Show>
      </ol>
      <Show when={props.progress?.problem}>{(problem) => <p class="notice">{problem()}</p>}</Show>
      <Show when={props.progress?.state === "gave_up"}>
        <p class="notice">
          Not there after {formatDuration(FOLLOW_MS_MAX / 1000)}. The event is safe in Kafka.
        </p>
        <button
          type="button"
          class="button-quiet"
          onClick={() => props.onFollow(props.sent.eventId)}
        >
          Follow on
        </button>
      </Show>
    </div>
  );
}

type StepState = "done" | "active" | "waiting";

const STATE_WORDS: { readonly [state in StepState]: string } = {
  done: "done",
  active: "under way",
  waiting: "not yet",
};

function Step(props: {
  readonly name: string;
  readonly state: StepState;
  readonly children: JSX.Element;
}) {
  return (
    <li class="step" data-state={props.state}>
      <span class="step-mark" aria-hidden="true">
        {props.state === "done" ? "✓" : ""}
      </span>
      <div class="step-body">
        <p class="step-name">
          {props.name} <span class="visually-hidden">({STATE_WORDS[props.state]})</span>
        </p>
        {props.children}
      </div>
    </li>
  );
}

function ArchiveOff() {
  return (
    <Step name="Archived" state="waiting">
      <p>The archive is off: the row is the last step.</p>
    </Step>
  );
}

function ArchiveStep(props: {
  readonly archive: EventTrace["archive"];
  readonly isStored: boolean;
  readonly progress: Progress | null;
  readonly nowMs: number;
}) {
  const text = (): string => {
    if (!props.isStored) return "Follows the row.";
    switch (props.archive?.state) {
      case "stored":
        return storedText(props.progress?.trace ?? null, props.nowMs);
      case "planned":
        return "Its object is planned and being uploaded.";
      default:
        return "Waits until its object closes: by count, size, hour or age (60 s by default).";
    }
  };
  return (
    <>
      <p>{text()}</p>
      <Show when={props.archive?.key}>{(key) => <code class="key">{key()}</code>}</Show>
    </>
  );
}

function storedText(trace: EventTrace | null, nowMs: number): string {
  const storedMs = Date.parse(trace?.archive?.storedAt ?? "");
  const acceptedMs = Date.parse(trace?.accepted?.at ?? "");
  if (!Number.isFinite(storedMs)) return "Its line is in the bucket.";
  const at = `Its line is in the bucket since ${formatTime(storedMs, { nowMs })}`;
  if (!Number.isFinite(acceptedMs)) return `${at}.`;
  return `${at}, ${formatLatency(Math.max(0, storedMs - acceptedMs))} after it was received.`;
}

function time(text: string | undefined, nowMs: number): string {
  return formatTime(text === undefined ? null : Date.parse(text), { nowMs });
}
