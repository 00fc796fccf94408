/** What a page reads of the stream. */
import { describe, expect, test } from "bun:test";
import { parseCounts, type CountsFrame } from "./frame.ts";

const MINUTE = { minute: "2026-01-31T07:00:00.000Z", events: 3, types: { a: 2 }, other: 1 };
const COUNTS: CountsFrame = {
  ts: "2026-01-31T07:00:10.000Z",
  completeUpTo: "2026-01-31T07:00:09.000Z",
  minutes: [MINUTE],
};

describe("parseCounts()", () => {
  test("parseCounts() reads counts, also when it is not known how far they are complete", () => {
    const unknown = { ...COUNTS, completeUpTo: null };

    expect(parseCounts(JSON.stringify(COUNTS))).toEqual(COUNTS);
    expect(parseCounts(JSON.stringify(unknown))).toEqual(unknown);
  });

  test("parseCounts() reads types of any name", () => {
    const text = JSON.stringify(COUNTS).replace('"a":2', '"__proto__":2,"other":4,"7":1');

    const types = parseCounts(text)?.minutes[0]?.types ?? {};

    expect(Object.entries(types)).toEqual([
      ["7", 1],
      ["__proto__", 2],
      ["other", 4],
    ]);
  });

  test.each([
    ["no text", 7],
    ["no JSON", "{"],
    ["null", "null"],
    ["an array", "[]"],
    ["no time", JSON.stringify({ ...COUNTS, ts: 7 })],
    ["no completeUpTo", JSON.stringify({ ...COUNTS, completeUpTo: undefined })],
    ["no minutes", JSON.stringify({ ...COUNTS, minutes: {} })],
    ["a minute that is null", JSON.stringify({ ...COUNTS, minutes: [null] })],
    ["a minute without types", JSON.stringify({ ...COUNTS, minutes: [{ ...MINUTE, types: [] }] })],
    ["a count as text", JSON.stringify({ ...COUNTS, minutes: [{ ...MINUTE, types: { a: "2" } }] })],
  ])("parseCounts() is null when the data is %s", (_, data) => {
    expect(parseCounts(data)).toBeNull();
  });
});
