/** What was there before, and is not now. */
import { describe, expect, test } from "bun:test";
import { earlierQuestion, goneResults, goneValues, isEarlierOf } from "./gone.ts";
import type { Meta, QueryAnswer, Question } from "./question.ts";

const COMPARED = ["2026-11-28T09:00:00Z", "2026-11-29T09:00:00Z"] as const;
const ASKED: Question = {
  metrics: ["events"],
  date_range: ["2026-11-29T09:00:00Z", "2026-11-30T09:00:00Z"],
  dimensions: ["event:name"],
  filters: [],
  include: { comparisons: { mode: "previous_period" } },
  pagination: { limit: 100 },
};

function answer(counts: Record<string, number>, totalRows?: number): QueryAnswer {
  const results = Object.entries(counts).map(([name, count]) => ({
    dimensions: [name],
    metrics: [count],
  }));
  const meta = {
    total_rows: totalRows ?? results.length,
    comparison: { date_range: COMPARED },
  } as unknown as Meta;
  return { results, meta };
}

describe("earlierQuestion()", () => {
  test("asks the same of the compared range, and compares no further", () => {
    expect(earlierQuestion(ASKED, answer({}))).toEqual({
      metrics: ["events"],
      date_range: COMPARED,
      dimensions: ["event:name"],
      filters: [],
      pagination: { limit: 100 },
    });
  });
});

describe("goneResults()", () => {
  test("gives what fell to 0, with its change, and nothing that is there", () => {
    const earlier = answer({ click: 9, page_view: 3, purchase: 2, zero: 0 });

    expect(goneResults(answer({ page_view: 5 }), earlier)).toEqual([
      { dimensions: ["click"], metrics: [0], comparison: { metrics: [9], change: [-100] } },
      { dimensions: ["purchase"], metrics: [0], comparison: { metrics: [2], change: [-100] } },
    ]);
    expect(goneValues(answer({ page_view: 5 }), earlier)[0]).toEqual({ value: "click", before: 9 });
  });

  test("gives no change for a metric that has no value without events", () => {
    expect(goneResults(answer({}), answer({ a: 4 }), null)[0]).toMatchObject({
      metrics: [null],
      comparison: { metrics: [4], change: [null] },
    });
  });

  test("gives nothing when the answer has only the first of its values", () => {
    expect(goneResults(answer({ page_view: 5 }, 2), answer({ click: 9 }))).toEqual([]);
  });
});

describe("isEarlierOf()", () => {
  test("is true only for the same question about the compared range", () => {
    const asked = { question: ASKED, answer: answer({}) };
    const earlier: Question = { ...ASKED, date_range: COMPARED };
    const isOf = (changes: Partial<Question>): boolean =>
      isEarlierOf({ question: { ...earlier, ...changes } }, asked);

    expect(isOf({})).toBe(true);
    expect(isOf({ date_range: "day" })).toBe(false);
    expect(isOf({ filters: [["is", "event:name", ["a"]]] })).toBe(false);
    expect(isOf({ dimensions: ["event:page"] })).toBe(false);
    expect(isEarlierOf(null, asked)).toBe(false);
  });
});
