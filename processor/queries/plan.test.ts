import { describe, expect, test } from "bun:test";
import { planQuery, splitRange } from "./plan.ts";
import { cutRange, type Range } from "./ranges.ts";
import { isRefused } from "./asked/refused.ts";
import { readQueryBody } from "./asked/request.ts";

const MINUTES_FROM_MS = Date.parse("2026-06-13T13:45:00Z");
const at = (text: string) => Date.parse(text);
const range = (from: string, to: string): Range => ({ fromMs: at(from), toMs: at(to) });
const MONTH = range("2026-05-01T00:00:00Z", "2026-06-01T00:00:00Z");

function sourceOf(changes: object, { part = MONTH, isFilled = true, timeZone = "UTC" } = {}) {
  const query = readQueryBody({ metrics: ["events"], date_range: "all", ...changes });
  if (isRefused(query)) throw new Error(query.problem.code);
  const time = query.dimensions.find(({ kind }) => kind === "time");
  const grain = time?.kind === "time" ? time.grain : null;
  const buckets = time === undefined ? null : cutRange(part, { grain, timeZone });
  if (buckets !== null && isRefused(buckets)) throw new Error(buckets.problem.code);
  const counts = { minutesFromMs: MINUTES_FROM_MS, isFilled, typesMax: 1 };
  return planQuery(query, { range: part, buckets, ...counts }).kind;
}

describe("splitRange()", () => {
  test("splitRange() takes whole minutes where there are any, and whole quarters before", () => {
    const recent = range("2026-06-15T10:01:00Z", "2026-06-15T10:02:30Z");
    const old = range("2026-06-01T10:01:00Z", "2026-06-01T10:35:00Z");

    expect(splitRange(recent, MINUTES_FROM_MS)).toEqual({
      counted: range("2026-06-15T10:01:00Z", "2026-06-15T10:02:00Z"),
      edges: [range("2026-06-15T10:02:00Z", "2026-06-15T10:02:30Z")],
    });
    expect(splitRange(old, MINUTES_FROM_MS)).toEqual({
      counted: range("2026-06-01T10:15:00Z", "2026-06-01T10:30:00Z"),
      edges: [
        range("2026-06-01T10:01:00Z", "2026-06-01T10:15:00Z"),
        range("2026-06-01T10:30:00Z", "2026-06-01T10:35:00Z"),
      ],
    });
  });

  test("splitRange() reads from rows what lies within one bucket, and what is before 1972", () => {
    const short = range("2026-06-01T10:01:00Z", "2026-06-01T10:14:00Z");
    const old = range("1971-01-01T00:00:00Z", "1973-01-01T00:00:00Z");

    expect(splitRange(short, MINUTES_FROM_MS)).toEqual({ counted: null, edges: [short] });
    expect(splitRange(old, MINUTES_FROM_MS)).toMatchObject({
      counted: { fromMs: at("1972-01-01T00:00:00Z") },
      edges: [range("1971-01-01T00:00:00Z", "1972-01-01T00:00:00Z")],
    });
  });
});

describe("planQuery()", () => {
  const byName = ["is", "event:name", ["a"]];
  test.each([
    [{}, "counts"],
    [{ metrics: ["events", "pageviews", "percentage"], dimensions: ["event:name"] }, "counts"],
    [{ filters: [["not", ["or", [byName, ["matches", "event:name", ["^a"]]]]]] }, "counts"],
    [{ dimensions: ["time:hour"] }, "counts"],
    [{ dimensions: ["time:minute"], date_range: "1h" }, "rows"],
    [{ metrics: ["sessions"] }, "rows"],
    [{ metrics: ["sum:event:props:a"] }, "rows"],
    [{ dimensions: ["event:source"] }, "rows"],
    [{ dimensions: ["event:page"] }, "rows"],
    [{ filters: [["and", [byName, ["is", "event:source", ["a"]]]]] }, "rows"],
  ])("planQuery() answers %j from %s", (changes, expected) => {
    // A month has too many minutes.
    const isMinutes = JSON.stringify(changes).includes("minute");
    const part = isMinutes ? range("2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z") : MONTH;

    expect(sourceOf(changes, { part })).toBe(expected as "counts");
  });

  test("planQuery() answers minutes where there are any, and any zone's hours, from counts", () => {
    const part = range("2026-06-15T10:00:00Z", "2026-06-15T11:00:00Z");

    expect(sourceOf({ dimensions: ["time:minute"] }, { part })).toBe("counts");
    for (const timeZone of ["Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"]) {
      expect(sourceOf({ dimensions: ["time:hour"] }, { timeZone })).toBe("counts");
    }
  });

  test("planQuery() reads rows until all of them are counted", () => {
    expect(sourceOf({}, { isFilled: false })).toBe("rows");
  });
});
