/** The way of one event in steps, each with its place, its time and its proof. */
import { type JSX, Show } from "solid-js";
import type { WallMs } from "@tally/shared/clock";
import { formatCount, formatLatency, formatOffset } from "../../panels/format.ts";
import type { Progress } from "../../test_event/follow_event.ts";
import { Moment } from "../../panels/moment.tsx";
import { showText } from "../../panels/show_text.ts";
import { auditCommand, verdictOf } from "./trace_verdict.ts";

export interface EventTraceProps {
  readonly id: string;
  readonly progress: Progress;
  readonly nowMs: WallMs;
  readonly zone: string;
  readonly isArchiveEnabled: boolean;
  /** Whether S3 gives no answer now, or refuses. */
  readonly isStoreAway: boolean;
  readonly onLetter: (id: string) => void;
}

export function EventTraceSteps(props: EventTraceProps) {
  const trace = () => props.progress.trace;
  const isGone = () => props.progress.state !== "following";
  const verdict = () =>
    verdictOf(props.progress, { isEnabled: props.isArchiveEnabled, isAway: props.isStoreAway });
  return (
    <>
      <p class="trace-verdict" role="status" data-level={verdict().level}>
        {verdict().sentence}
      </p>
      <Show when={props.progress.problem}>
        {(problem) => <p class="view-notice">{problem()}</p>}
      </Show>
      <Show when={trace()}>
        {(known) => (
          <ol class="steps">
            <Step name="Accepted" isDone={known().accepted !== null} isGone={isGone()}>
              <Show when={known().accepted} fallback="By another producer, or not known.">
                {(accepted) => <At {...props} words="Received by ingest at" at={accepted().at} />}
              </Show>
            </Step>
            <Step name="In the log" isDone={known().log !== null} isGone={isGone()}>
              <Show when={known().log}>
                {(log) => (
                  <p>
                    Topic <code>{showText(log().topic)}</code>, partition {log().partition}, offset{" "}
                    {formatOffset(log().offset)}
                  </p>
                )}
              </Show>
            </Step>
            <Step name="Row" isDone={known().row !== null} isGone={isGone()}>
              <Show when={known().row} fallback={<NoRow {...props} />}>
                One row in PostgreSQL, under this event id.
              </Show>
            </Step>
            <ArchiveStep {...props} isGone={isGone()} />
          </ol>
        )}
      </Show>
      <Show when={trace()?.deadLetter}>
        {(letter) => (
          <p>
            <button type="button" class="button-quiet" onClick={() => props.onLetter(letter().id)}>
              Dead letter {letter().id}: {letter().code}
            </button>
          </p>
        )}
      </Show>
    </>
  );
}

function NoRow(props: EventTraceProps) {
  return (
    <Show when={props.progress.trace?.deadLetter} fallback="Waiting for the row.">
      None: the record was set aside.
    </Show>
  );
}

function ArchiveStep(props: EventTraceProps & { readonly isGone: boolean }) {
  const archive = () => props.progress.trace?.archive ?? null;
  const waiting = (): string => {
    const { row, deadLetter } = props.progress.trace ?? {};
    if (!row && deadLetter) return "None: only a row gets one.";
    if (!props.isArchiveEnabled) return "The archive is off: the row is the last step.";
    if (archive()?.state === "planned") return "Its object is planned and being uploaded.";
    return "Waits until its object closes: by count, size, hour or age.";
  };
  return (
    <Step name="Archive line" isDone={archive()?.state === "stored"} isGone={props.isGone}>
      <Show when={archive()?.state === "stored" && archive()} fallback={<p>{waiting()}</p>}>
        {(stored) => (
          <>
            <At {...props} words="In the bucket since" at={stored().storedAt} />
            <p>
              <Delay {...props} />
            </p>
            <ObjectKey of={stored().key ?? ""} />
            <p>
              Line {formatCount(stored().line)} of {formatCount(stored().lines)}
            </p>
            <p>
              <abbr title="A fingerprint: only the same lines have the same">SHA-256</abbr> of the
              lines <code class="key">{stored().sha256}</code>
            </p>
            <p>
              So PostgreSQL has recorded it. This reads the object and compares it with the rows:{" "}
              <code>{props.progress.trace && auditCommand(props.progress.trace)}</code>
            </p>
          </>
        )}
      </Show>
      <Show when={archive()?.state !== "stored" && archive()?.key}>
        {(key) => <ObjectKey of={key()} />}
      </Show>
    </Step>
  );
}

function ObjectKey(props: { readonly of: string }) {
  return (
    <p>
      Object <code class="key">{showText(props.of)}</code>
    </p>
  );
}

function Delay(props: EventTraceProps) {
  const ms = (): number | null => {
    const { accepted, archive } = props.progress.trace ?? {};
    const between = Date.parse(archive?.storedAt ?? "") - Date.parse(accepted?.at ?? "");
    return Number.isFinite(between) ? Math.max(0, between) : null;
  };
  return <>{formatLatency(ms())} after it was received</>;
}

function At(
  props: Pick<EventTraceProps, "nowMs" | "zone"> & {
    readonly words: string;
    readonly at: string | null;
  },
) {
  return (
    <p>
      {props.words} <Moment at={props.at} nowMs={props.nowMs} zone={props.zone} />
    </p>
  );
}

function Step(props: {
  readonly name: string;
  readonly isDone: boolean;
  readonly isGone: boolean;
  readonly children: JSX.Element;
}) {
  const state = () => (props.isDone ? "done" : props.isGone ? "waiting" : "active");
  return (
    <li class="step" data-state={state()}>
      <span class="step-mark" aria-hidden="true">
        {props.isDone ? "✓" : ""}
      </span>
      <div class="step-body">
        <p class="step-name">
          {props.name} <span class="visually-hidden">({props.isDone ? "done" : "not yet"})</span>
        </p>
        {props.children}
      </div>
    </li>
  );
}
