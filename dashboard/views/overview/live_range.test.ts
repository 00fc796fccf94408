/** What a window covers when its answer is some minutes old. */
import { expect, test } from "bun:test";
import type { QueryAnswer, Question } from "../../questions/question.ts";
import { windowOf } from "../../questions/window.ts";
import { type Asked, coveredWindow } from "./live_range.ts";

const at = (text: string): number => Date.parse(text);

function askedSince(from: string): Asked {
  const question: Question = { metrics: [], date_range: [from, "2026-11-29T10:00:00Z"] };
  const answer: QueryAnswer = { results: [], meta: {} as QueryAnswer["meta"] };
  return { last: () => ({ question, answer }), isLoading: () => false, problem: () => null };
}

test("coveredWindow() begins with the question, at most one bar before its window", () => {
  const window = windowOf("24h", { nowMs: at("2026-11-29T09:14:31Z"), zone: "UTC" });
  const fromOf = (from: string): number => coveredWindow(window, askedSince(from)).fromMs;

  expect(fromOf("2026-11-28T09:08:00Z")).toBe(at("2026-11-28T09:08:00Z"));
  expect(fromOf("2026-11-28T08:58:00Z")).toBe(at("2026-11-28T09:00:00Z"));
  expect(fromOf("2026-11-29T08:00:00Z")).toBe(at("2026-11-28T09:14:00Z"));
});
