/** What a view shows while it has nothing else: nothing there, on its way, or a problem. */
import { type JSX, Show } from "solid-js";
import { describeOutcome, type Problem } from "../../questions/ask.ts";

export function Loading(props: { readonly what: string }) {
  return (
    <p class="state-note" role="status">
      Reading {props.what}.
    </p>
  );
}

export function Empty(props: { readonly title: string; readonly children?: JSX.Element }) {
  return (
    <div class="state-empty">
      <p class="state-title">{props.title}</p>
      {props.children}
    </div>
  );
}

export function ProblemNote(props: {
  readonly problem: Problem | null;
  readonly onRetry?: () => void;
}) {
  return (
    <Show when={props.problem}>
      {(problem) => (
        <div class="state-problem" role="alert">
          <p>{describeOutcome(problem())}</p>
          <Show when={props.onRetry}>
            {(retry) => (
              <button type="button" class="button-quiet" onClick={() => retry()()}>
                Try again
              </button>
            )}
          </Show>
        </div>
      )}
    </Show>
  );
}
