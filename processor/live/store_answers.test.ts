/** When a store counts as silent, and since when; with clocks that the test moves. */
import { describe, expect, test } from "bun:test";
import { createStoreAnswers, SILENT_MS_MAX } from "./store_answers.ts";

const START_MS = Date.parse("2026-01-31T07:00:00.000Z");

function start() {
  const clock = { ms: 0 };
  const answers = createStoreAnswers({
    wallNow: () => START_MS + clock.ms,
    monotonicNow: () => clock.ms,
  });
  /** Begins a request at a moment. */
  const began = (atMs: number, what: string) => {
    clock.ms = atMs;
    return answers.began(what, what === "look");
  };
  const silenceAt = (atMs: number) => {
    clock.ms = atMs;
    return answers.silence();
  };
  return { began, silenceAt };
}

describe("createStoreAnswers()", () => {
  test("silence() begins with the first request that is not answered, and shows in time", () => {
    const { began, silenceAt } = start();
    began(0, "look")("answered");
    began(1000, "put a");
    began(4000, "look");

    expect(silenceAt(4000 + SILENT_MS_MAX)).toBeNull();
    const silence = { sinceMs: START_MS + 1000, what: "put a" };
    expect(silenceAt(4001 + SILENT_MS_MAX)).toEqual(silence);
  });

  test("silence() never comes of a store that is slow and answers", () => {
    const { began, silenceAt } = start();
    const slow = began(0, "put a");
    for (let atMs = 4000; atMs <= 60_000; atMs += 10_000) {
      const look = began(atMs, "look");
      expect(silenceAt(atMs + SILENT_MS_MAX)).toBeNull();
      look("answered");
    }
    slow("failed");

    expect(silenceAt(120_000)).toBeNull();
  });

  test("silence() comes at once when a request fails, from its start, and ends with an answer", () => {
    const { began, silenceAt } = start();
    began(0, "look")("answered");
    const refused = began(2000, "put a");
    began(2500, "look");
    refused("failed");
    began(9000, "put a")("failed");

    expect(silenceAt(9000)).toEqual({ sinceMs: START_MS + 2000, what: "put a" });
    began(9500, "look")("answered");
    expect(silenceAt(60_000)).toBeNull();
  });

  test("silence() takes a request that its caller has ended for no sign", () => {
    const { began, silenceAt } = start();
    began(0, "put a")("aborted");

    expect(silenceAt(60_000)).toBeNull();
  });
});
