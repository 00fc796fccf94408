/**
 * An answer that does not know up to when it is complete was given in the first second of a
 * processor. The same is asked again as soon as a frame knows it.
 */
import { type Accessor, createEffect, createMemo, on } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import type { Answer } from "../../questions/create_answer.ts";
import type { Meta } from "../../questions/question.ts";

export interface AskWhenCompleteOptions {
  readonly frame: Accessor<Pick<MetricsFrame, "completeUpTo"> | null>;
  readonly answer: Pick<
    Answer<unknown, { readonly meta: Pick<Meta, "complete_up_to"> }>,
    "last" | "problem"
  >;
  /** Whether a question is on its way. */
  readonly isLoading: Accessor<boolean>;
  readonly askAgain: () => void;
}

/** Asks at most once a frame, and never while an answer is on its way. */
export function askWhenComplete(options: AskWhenCompleteOptions): void {
  const { answer, isLoading, askAgain } = options;
  const complete = createMemo<ReturnType<AskWhenCompleteOptions["frame"]>>((before) => {
    const frame = options.frame();
    return (frame?.completeUpTo ?? null) === null ? before : frame;
  }, null);
  createEffect(
    on(
      complete,
      () => {
        const last = answer.last();
        if (last === null || isLoading() || answer.problem() !== null) return;
        if (last.answer.meta.complete_up_to === null) askAgain();
      },
      { defer: true },
    ),
  );
}
