/** Live minutes, and the stack that answers and minutes make together. */
import { describe, expect, test } from "bun:test";
import type { CountsFrame, MinuteCounts } from "@tally/shared";
import type { Filter } from "../address/filter.ts";
import { addCounts, canBeLive, eventsOf, MINUTES_MAX, NO_MINUTES } from "./live_minutes.ts";
import type { QueryAnswer } from "./question.ts";
import { buildStack, type Past } from "./stack.ts";
import { windowOf } from "./window.ts";

const START = Date.parse("2026-11-29T09:00:00Z");
const minuteAt = (index: number): number => START + index * 60_000;
const counted = (index: number, types: Record<string, number>, other = 0): MinuteCounts => ({
  minute: new Date(minuteAt(index)).toISOString(),
  events: Object.values(types).reduce((all, each) => all + each, other),
  types,
  other,
});
const frame = (...minutes: MinuteCounts[]): CountsFrame => ({
  ts: minutes.at(-1)?.minute ?? "",
  completeUpTo: null,
  minutes,
});
const named = (operator: Filter["operator"], ...values: string[]): Filter => ({
  operator,
  dimension: "event:name",
  values,
});

describe("addCounts()", () => {
  test("keeps every minute while none is missing", () => {
    const one = addCounts(NO_MINUTES, frame(counted(0, { a: 1 }), counted(1, { a: 2 })));
    const two = addCounts(one, frame(counted(1, { a: 5 }), counted(2, { a: 1 })));

    expect(two.sinceMs).toBe(minuteAt(0));
    expect([...two.minutes.values()].map(({ events }) => events)).toEqual([1, 5, 1]);
    expect(two.openMs).toBe(minuteAt(2));
  });

  test("begins again when the end of the open minute was not seen", () => {
    const one = addCounts(NO_MINUTES, frame(counted(0, {}), counted(1, {})));
    const two = addCounts(one, frame(counted(2, {}), counted(3, {})));

    expect(two.sinceMs).toBe(minuteAt(2));
    expect(two.minutes.size).toBe(2);
  });

  test("begins again when the clock of the database was set back", () => {
    const one = addCounts(NO_MINUTES, frame(counted(5, {}), counted(6, {})));
    const two = addCounts(one, frame(counted(0, {}), counted(1, {})));

    expect([two.sinceMs, two.minutes.size]).toEqual([minuteAt(0), 2]);
  });

  test("forgets the oldest minutes above the bound, and says so", () => {
    let live = NO_MINUTES;
    for (let index = 0; index < MINUTES_MAX + 9; index += 1) {
      live = addCounts(live, frame(counted(index, {}), counted(index + 1, {})));
    }

    expect(live.minutes.size).toBe(MINUTES_MAX);
    expect(live.sinceMs).toBe(Math.min(...live.minutes.keys()));
  });
});

describe("eventsOf()", () => {
  test.each([
    [[], 16],
    [[named("is", "click")], 3],
    [[named("is_not", "click")], 8],
    [[named("contains", "ie")], 8],
    [[named("contains_not", "ie"), named("is", "click", "view")], 3],
  ] as const)("counts what passes %j", (filters, expected) => {
    const minute = counted(0, { view: 8, click: 3 }, 5);

    expect(eventsOf(minute, filters)).toBe(expected);
  });
});

test("canBeLive() is false when a filter needs rows or a database's regular expressions", () => {
  expect(canBeLive([named("is", "a")])).toBe(true);
  expect(canBeLive([named("matches", "a")])).toBe(false);
  expect(canBeLive([{ operator: "is", dimension: "event:page", values: ["/"] }])).toBe(false);
});

describe("buildStack()", () => {
  const window = windowOf("30m", { nowMs: minuteAt(29), zone: "UTC" });
  const answer = (until: number | null, results: QueryAnswer["results"] = []): Past => ({
    answer: { results, meta: {} as QueryAnswer["meta"] },
    untilMs: until === null ? null : minuteAt(until),
  });
  const label = (index: number): string => new Date(minuteAt(index)).toISOString();

  test("adds the live minutes to the answers, and counts no minute twice", () => {
    const live = addCounts(
      NO_MINUTES,
      frame(counted(28, { a: 4, b: 1 }), counted(29, { a: 1, c: 2 }, 3)),
    );

    const stack = buildStack({
      window,
      zone: "UTC",
      filters: [],
      names: ["a", "b"],
      totals: answer(28, [
        { dimensions: [label(0)], metrics: [10] },
        { dimensions: [label(27)], metrics: [2] },
      ]),
      byName: answer(28, [
        { dimensions: [label(0), "b"], metrics: [7] },
        { dimensions: [label(27), "a"], metrics: [2] },
      ]),
      live,
    });

    expect(stack.totals.filter((total) => total !== 0)).toEqual([10, 2, 5, 6]);
    expect(stack.total).toBe(23);
    expect(stack.layers.map(({ name, total }) => [name, total])).toEqual([
      ["a", 7],
      ["b", 8],
      [null, 8],
    ]);
  });

  test("has no layer of others where there are none, whatever rounding leaves", () => {
    const stack = buildStack({
      window,
      zone: "UTC",
      filters: [],
      names: ["a"],
      wholes: new Map([["a", 100]]),
      hasOthers: false,
      totals: answer(null, [{ dimensions: [label(4)], metrics: [100.01] }]),
      byName: answer(null, [{ dimensions: [label(4), "a"], metrics: [99.99] }]),
      live: NO_MINUTES,
    });

    expect(stack.layers.map(({ name, total }) => [name, total])).toEqual([["a", 100]]);
  });

  test("keeps apart what does not add up, with the figures of the whole range", () => {
    const results = [
      { dimensions: [label(3), "/"], metrics: [2] },
      { dimensions: [label(4), "/"], metrics: [2] },
      { dimensions: [label(4), "/docs"], metrics: [1] },
    ];
    const wholes = new Map([
      ["/", 3],
      ["/docs", 1],
    ]);

    const stack = buildStack({
      window,
      zone: "UTC",
      filters: [],
      names: ["/", "/docs"],
      slots: new Map([["/docs", 4]]),
      wholes,
      apart: { empty: null },
      totals: answer(null, [{ dimensions: [label(4)], metrics: [2] }]),
      byName: answer(null, results),
      live: NO_MINUTES,
    });

    // Neither 4, the sum of the minutes, nor a layer of others.
    expect(stack.layers.map(({ name, slot, total }) => [name, slot, total])).toEqual([
      ["/", 0, 3],
      ["/docs", 4, 1],
    ]);
    expect(stack.isSum).toBe(false);
    expect(stack.layers[1]?.values.filter((value) => value !== null)).toEqual([1]);
  });

  test("takes no live minute that an answer covers, or outside of the window", () => {
    const live = addCounts(NO_MINUTES, frame(counted(29, { a: 4 }), counted(30, { a: 1 })));
    const parts = { window, zone: "UTC", filters: [], names: ["a"], byName: null, live };

    expect(buildStack({ ...parts, totals: answer(30) }).total).toBe(0);
    expect(buildStack({ ...parts, totals: answer(29) }).total).toBe(4);
    expect(buildStack({ ...parts, totals: answer(null) }).total).toBe(0);
  });
});
