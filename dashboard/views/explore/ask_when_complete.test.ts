/** When a question is asked again because its answer did not know up to when it is complete. */
import { expect, mock, test } from "bun:test";
import type * as Solid from "solid-js";

// Outside a browser the package offers its server build, whose effects never run.
const inBrowser = "solid-js/dist/solid.js";
await mock.module("solid-js", (): Promise<typeof Solid> => import(inBrowser));
const { createRoot, createSignal } = await import("solid-js");
const { askWhenComplete } = await import("./ask_when_complete.ts");

const KNOWN = "2026-01-31T07:00:00.000Z";

/** A question with its answer, whose parts a test changes. */
function startQuestion(upTo: string | null) {
  return createRoot((dispose) => {
    const [frame, setFrame] = createSignal<{ completeUpTo: string | null } | null>(null);
    const [meta, setMeta] = createSignal({ complete_up_to: upTo });
    const [isLoading, setLoading] = createSignal(false);
    let asked = 0;
    askWhenComplete({
      frame,
      answer: {
        last: () => ({ question: {}, answer: { meta: meta() } }),
        problem: () => null,
      },
      isLoading,
      askAgain: () => (asked += 1),
    });
    const frameComes = (completeUpTo: string | null): void => void setFrame({ completeUpTo });
    return { asked: () => asked, dispose, frameComes, setLoading, setMeta };
  });
}

test("askWhenComplete() asks once for each frame that knows it, until the answer knows it", () => {
  const question = startQuestion(null);

  question.frameComes(null);
  expect(question.asked()).toBe(0);
  question.frameComes(KNOWN);
  expect(question.asked()).toBe(1);
  question.frameComes(null);
  question.frameComes(KNOWN);
  expect(question.asked()).toBe(2);
  question.setMeta({ complete_up_to: KNOWN });
  question.frameComes(KNOWN);

  expect(question.asked()).toBe(2);
  question.dispose();
});

test("askWhenComplete() does not ask while an answer is on its way, but at the next frame", () => {
  const question = startQuestion(null);
  question.setLoading(true);

  question.frameComes(KNOWN);
  question.setLoading(false);
  expect(question.asked()).toBe(0);
  question.frameComes(KNOWN);

  expect(question.asked()).toBe(1);
  question.dispose();
});
