/** Sends all dead letters of one reason again: asks first, then shows how far it has come. */
import { createEffect, createSignal, on, onCleanup, onMount, Show } from "solid-js";
import { formatCount, plural } from "../../panels/format.ts";
import { ProblemNote } from "../parts/states.tsx";
import type { ViewProps } from "../parts/view.ts";
import { createOperator, OperatorNote } from "../parts/operator.tsx";
import { resendAll, type ResendProgress } from "./resend.ts";

export interface ResendAllProps extends ViewProps {
  readonly code: string;
  /** Those that are sent: neither resolved nor on their way. */
  readonly open: number;
  readonly unresolved: number;
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
  const stopping = new AbortController();
  let cancelLook = (): void => {};
  onCleanup(() => {
    stopping.abort();
    cancelLook();
  });
  const look = (left: number, pauseMs: number): void => {
    props.onResent();
    if (left === 0) return;
    const next = Math.min(PAUSE_MS_MAX, pauseMs * 1.5);
    cancelLook = props.clock.after(pauseMs, () => look(left - 1, next));
  };
  const start = (): void => {
    setTotal(props.open);
    const { signal } = stopping;
    void resendAll(props.asker, props.code, { signal, onProgress: setProgress }).then(() => {
      if (!signal.aborted) look(LOOKS_MAX, PAUSE_MS_MIN);
    });
  };
  // Nothing left to resolve: no further look is needed.
  createEffect(
    on(
      () => props.unresolved,
      (unresolved) => unresolved === 0 && cancelLook(),
    ),
  );
  return (
    <div class="resend-all" role="group" aria-label={`Send all of ${props.code} again`}>
      <Show when={progress()} fallback={<Confirm {...props} onStart={start} />}>
        {(known) => (
          <Running {...props} progress={known()} total={total()} onStop={() => stopping.abort()} />
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
      <p role="status">{wordsOf(props.progress, { total: props.total, left: props.unresolved })}</p>
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

function wordsOf(
  { resent, state }: ResendProgress,
  { total, left }: { readonly total: number; readonly left: number },
): string {
  const sent = `${formatCount(resent)} of ${formatCount(total)} sent again`;
  switch (state) {
    case "running":
      return `${sent}.`;
    case "stopped":
      return `Stopped: ${sent}.`;
    case "failed":
      return `${sent}, then it failed. What was sent stays sent; start again for the rest.`;
    case "done":
      return left === 0
        ? `${sent}, and all are resolved.`
        : `${sent}; ${formatCount(left)} are not resolved yet: on their way, or dead letters again.`;
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
