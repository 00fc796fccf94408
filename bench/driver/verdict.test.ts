import { describe, expect, test } from "bun:test";

import type { RequestOutcome } from "./drive.ts";
import type { EventOutcome, NumberRange } from "./ledger.ts";
import { noteOutcomes, verdictOf, type Verdict } from "./verdict.ts";

function answered(status: number, body = ""): RequestOutcome {
  const answer = { status, body, closes: false, hasRetryAfter: false };
  return { kind: "answered", answer, answerMs: 1, latencyMs: 1 };
}

function noted(verdict: Verdict, events: NumberRange): [EventOutcome, number, number][] {
  const notes: [EventOutcome, number, number][] = [];
  noteOutcomes(
    { note: (outcome, { first, count }) => notes.push([outcome, first, count]) },
    verdict,
    events,
  );
  return notes;
}

describe("verdictOf()", () => {
  test.each([
    ["a single event with a 202", answered(202, "{}"), 1, "accepted"],
    ["a 400", answered(400), 1, "rejected"],
    ["a 429", answered(429), 2, "rejected"],
    ["a 500", answered(500), 1, "unknown"],
    ["a 503", answered(503), 2, "unknown"],
    ["no answer", { kind: "broken", reason: "reset" } as const, 1, "unknown"],
  ] as const)("verdictOf() judges %s", (_, outcome, count, kind) => {
    expect(verdictOf(outcome, count)?.kind).toBe(kind);
  });

  test("verdictOf() is null when the request never left", () => {
    expect(verdictOf({ kind: "unsent", reason: "refused" }, 1)).toBeNull();
  });
});

describe("noteOutcomes()", () => {
  test("noteOutcomes() notes one range when all events have the same outcome", () => {
    const events = { first: 100, count: 50 };

    expect(noted({ kind: "unknown" }, events)).toEqual([["unknown", 100, 50]]);
    expect(noted({ kind: "accepted", rejected: new Set() }, events)).toEqual([
      ["accepted", 100, 50],
    ]);
  });

  test("noteOutcomes() notes the rejected events of an accepted batch apart", () => {
    const verdict = verdictOf(answered(202, '{"rejected":[{"index":0},{"index":3}]}'), 6);

    expect(noted(verdict ?? { kind: "unknown" }, { first: 100, count: 6 })).toEqual([
      ["rejected", 100, 1],
      ["accepted", 101, 2],
      ["rejected", 103, 1],
      ["accepted", 104, 2],
    ]);
  });
});
