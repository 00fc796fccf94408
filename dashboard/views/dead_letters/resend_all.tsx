/** Sends all dead letters of one reason again: asks first, then shows how far it has come. */
import { createSignal, onCleanup, onMount, Show } from "solid-js";
import { formatCount, plural } from "../../panels/format.ts";
import { ProblemNote } from "../parts/states.tsx";
import type { ViewProps } from "../parts/view.ts";
import { createOperator, OperatorNote } from "../parts/operator.tsx";
import { endWords, type Followed, followResent } from "./follow_resent.ts";
import { resendAll, type ResendProgress } from "./resend.ts";

export interface ResendAllProps extends ViewProps {
  readonly code: string;
  /** Those that are sent: neither resolved nor on their way. */
  readonly open: number;
  /** `7 open dead letters`. */
  readonly words: string;
  readonly onClose: () => void;
  readonly onResent: () => void;
}

/** While outcomes come in, the figures are asked again; each pause is longer than the last. */
const PAUSE_MS_MIN = 1000;
const PAUSE_MS_MAX = 8000;
const LOOKS_MAX = 12; // chosen: about a minute

export function ResendAll(props: ResendAllProps) {
  const [progress, setProgress] = createSignal<ResendProgress | null>(null);
  const [total, setTotal] = createSignal(0);
  const [followed, setFollowed] = createSignal<Followed | null>(null);
  const stopping = new AbortController();
  // What was sent is followed also when the rest was stopped.
  const leaving = new AbortController();
  const { signal } = leaving;
  let cancelLook = (): void => {};
  onCleanup(() => {
    stopping.abort();
    leaving.abort();
    cancelLook();
  });
  const look = async (left: number, pauseMs: number): Promise<void> => {
    props.onResent();
    const { ids = [] } = progress() ?? {};
    const { code, asker } = props;
    const seen = ids.length === 0 ? null : await followResent(asker, { code, ids, signal });
    if (signal.aborted) return;
    if (seen !== null) setFollowed(seen);
    if (left === 0 || seen?.onTheirWay === 0) return;
    const next = Math.min(PAUSE_MS_MAX, pauseMs * 1.5);
    cancelLook = props.clock.after(pauseMs, () => void look(left - 1, next));
  };
  const start = (): void => {
    setTotal(props.open);
    const stop = stopping.signal;
    void resendAll(props.asker, props.code, { signal: stop, onProgress: setProgress }).then(
      () => void (!signal.aborted && look(LOOKS_MAX, PAUSE_MS_MIN)),
    );
  };
  return (
    <div class="resend-all" role="group" aria-label={`Send all of ${props.code} again`}>
      <Show when={progress()} fallback={<Confirm {...props} onStart={start} />}>
        {(known) => (
          <Running
            {...props}
            progress={known()}
            followed={followed()}
            total={total()}
            onStop={() => stopping.abort()}
          />
        )}
      </Show>
    </div>
  );
}

function Confirm(props: ResendAllProps & { readonly onStart: () => void }) {
  const operator = createOperator(props);
  let first: HTMLButtonElement | undefined;
  onMount(() => first?.focus());
  return (
    <>
      <p>
        Send {props.words} again? Resolved ones stay as they are. Each is processed as if it came
        now and keeps its event id, so at most one row results. One whose cause is still there
        becomes a dead letter again.
      </p>
      <div class="toolbar">
        <button
          type="button"
          class="button"
          aria-disabled={!operator.isAllowed()}
          ref={(element) => {
            first = element;
          }}
          onClick={() => operator.isAllowed() && props.onStart()}
        >
          Send {props.words} again
        </button>
        <button type="button" class="button-quiet" onClick={() => props.onClose()}>
          Leave them
        </button>
      </div>
      <OperatorNote operator={operator} />
    </>
  );
}

function Running(
  props: ResendAllProps & {
    readonly progress: ResendProgress;
    readonly followed: Followed | null;
    readonly total: number;
    readonly onStop: () => void;
  },
) {
  const isRunning = () => props.progress.state === "running";
  return (
    <>
      <progress
        value={props.progress.resent + props.progress.refused.length}
        max={Math.max(1, props.total)}
        aria-label="Dead letters sent again"
      />
      <p role="status">{wordsOf(props.progress, props.total)}</p>
      <Show when={props.followed}>
        {(seen) => <p role="status">{endWords(seen(), props.progress.resent)}</p>}
      </Show>
      <ProblemNote problem={props.progress.problem} />
      <Refused progress={props.progress} />
      <div class="toolbar">
        <button
          type="button"
          class="button-quiet"
          onClick={() => (isRunning() ? props.onStop() : props.onClose())}
        >
          {isRunning() ? "Stop" : "Close"}
        </button>
      </div>
    </>
  );
}

function wordsOf({ resent, state }: ResendProgress, total: number): string {
  const sent = `${formatCount(resent)} of ${formatCount(total)} sent again`;
  switch (state) {
    case "running":
    case "done":
      return `${sent}.`;
    case "stopped":
      return `Stopped: ${sent}.`;
    case "failed":
      return `${sent}, then it failed. What was sent stays sent; start again for the rest.`;
  }
}

function Refused(props: { readonly progress: ResendProgress }) {
  return (
    <Show when={props.progress.refused.length > 0}>
      <p class="view-notice">
        {plural(props.progress.refused.length, "dead letter")} could not be sent:{" "}
        {props.progress.refused.map(({ id, code }) => `${id} (${code})`).join(", ")}
      </p>
    </Show>
  );
}
