import { describe, expect, test } from "bun:test";
import { readRange } from "./asked/range_words.ts";
import { compareRange, cutRange, resolveRange, type QueryRange } from "./ranges.ts";
import { isRefused, type Refused } from "./asked/refused.ts";

const NOW_MS = Date.parse("2026-03-29T10:20:30.400Z");
const at = (text: string) => Date.parse(text);

function range(given: string | readonly string[], timeZone = "UTC", now = ""): QueryRange {
  const wish = readRange(given);
  if (isRefused(wish)) throw new Error(wish.problem.code);
  return known(
    resolveRange(wish, { timeZone, nowMs: now === "" ? NOW_MS : at(now), extent: null }),
  );
}

function known<T extends object>(value: T | Refused): T {
  if (isRefused(value)) throw new Error(value.problem.code);
  return value;
}

const print = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) =>
  [fromMs, toMs].map((ms) => new Date(ms).toISOString().replace(".000Z", "Z"));

describe("resolveRange()", () => {
  test.each([
    ["30m", "UTC", "2026-03-29T09:50:00Z"],
    ["24h", "Europe/Berlin", "2026-03-28T10:20:00Z"],
    ["day", "Europe/Berlin", "2026-03-28T23:00:00Z"],
    ["day", "Asia/Kathmandu", "2026-03-28T18:15:00Z"],
    ["7d", "UTC", "2026-03-23T00:00:00Z"],
    ["month", "UTC", "2026-03-01T00:00:00Z"],
    ["6mo", "UTC", "2025-10-01T00:00:00Z"],
    ["12mo", "UTC", "2025-04-01T00:00:00Z"],
    ["year", "America/New_York", "2026-01-01T05:00:00Z"],
  ])("resolveRange() begins %s in %s at %s and ends with the minute of now", (word, zone, from) => {
    expect(print(range(word, zone))).toEqual([from, "2026-03-29T10:21:00Z"]);
  });

  test("resolveRange() takes a day of 23 hours from midnight to midnight", () => {
    const { fromMs, toMs } = range(["2026-03-29", "2026-03-29"], "Europe/Berlin");

    expect((toMs - fromMs) / 3_600_000).toBe(23);
  });

  test("resolveRange() ends before its second time, and with the minute of a second 59", () => {
    const from = "2026-01-01T12:00:00+02:00";
    expect(print(range([from, "2026-01-01T14:00:00+02:00"]))[1]).toBe("2026-01-01T12:00:00Z");
    expect(print(range([from, "2026-01-01T15:59:59+02:00"]))[1]).toBe("2026-01-01T14:00:00Z");
    const early = range(["1969-01-01T12:00:00Z", "1969-01-01T13:59:59Z"]);
    expect(print(early)[1]).toBe("1969-01-01T14:00:00Z");
  });

  test("resolveRange() says that a zone has no such day", () => {
    const wish = readRange(["2011-12-30", "2011-12-30"]);
    if (isRefused(wish)) throw new Error(wish.problem.code);

    const found = resolveRange(wish, { timeZone: "Pacific/Apia", nowMs: NOW_MS, extent: null });

    expect(found).toMatchObject({
      problem: { code: "invalid_date_range", detail: expect.stringContaining("no such day") },
    });
  });

  test.each([
    [["2026-02-02", "2026-02-01"]],
    [["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]],
    [["2026-02-30", "2026-03-01"]],
    [["0000-01-01", "2026-03-01"]],
    ["2d"],
  ])("resolveRange() refuses %j", (given) => {
    expect(() => range(given)).toThrow("invalid_date_range");
  });
});

describe("compareRange()", () => {
  const compare = (
    given: string | string[],
    mode: "previous_period" | "year_over_year",
    { timeZone = "Europe/Berlin", now = "" } = {},
  ) => print(known(compareRange(range(given, timeZone, now), mode, timeZone)));

  test("compareRange() goes back by the days, months or hours of the range", () => {
    expect(compare(["2026-03-29", "2026-03-30"], "previous_period")).toEqual([
      "2026-03-26T23:00:00Z",
      "2026-03-28T23:00:00Z",
    ]);
    expect(compare("month", "previous_period")[0]).toBe("2026-01-31T23:00:00Z");
    expect(compare("24h", "previous_period")).toEqual([
      "2026-03-27T10:20:00Z",
      "2026-03-28T10:20:00Z",
    ]);
    expect(compare("day", "year_over_year")[0]).toBe("2025-03-28T23:00:00Z");
  });

  test.each(["30m", "1h", "24h"])(
    "compareRange() ends the period before %s with its start",
    (word) => {
      expect(compare(word, "previous_period")[1]).toBe(print(range(word))[0]);
    },
  );

  test.each([
    [["2024-02-28", "2024-02-28"], "2023-02-28", "2023-03-01"],
    [["2024-02-29", "2024-02-29"], "2023-02-28", "2023-03-01"],
    [["2024-02-01", "2024-02-28"], "2023-02-01", "2023-03-01"],
    [["2024-02-01", "2024-02-29"], "2023-02-01", "2023-03-01"],
    [["2025-02-28", "2025-02-28"], "2024-02-28", "2024-02-29"],
    [["2025-02-01", "2025-02-28"], "2024-02-01", "2024-03-01"],
    [["2025-02-28", "2025-03-01"], "2024-02-28", "2024-03-02"],
  ])("compareRange() compares %j with whole days a year before", (given, from, to) => {
    const days = [from, to].map((day) => `${day}T00:00:00Z`);

    expect(compare(given, "year_over_year", { timeZone: "UTC" })).toEqual(days);
  });

  test.each([
    ["2026-03-28T10:00:00Z", "2026-02-28T10:00:00Z"],
    ["2026-03-28T23:59:00Z", "2026-02-28T23:59:00Z"],
    ["2026-03-29T00:00:00Z", "2026-03-01T00:00:00Z"],
    ["2026-03-29T10:00:00Z", "2026-03-01T00:00:00Z"],
    ["2026-03-31T10:00:00Z", "2026-03-01T00:00:00Z"],
    ["2026-05-31T10:00:00Z", "2026-05-01T00:00:00Z"],
  ])("compareRange() of a month at %s ends at %s, never a day before", (now, to) => {
    expect(compare("month", "previous_period", { timeZone: "UTC", now })[1]).toBe(to);
  });

  test("compareRange() compares some seconds with as many", () => {
    const given = ["2026-01-01T12:00:10Z", "2026-01-01T12:00:20Z"];

    expect(compare(given, "previous_period")).toEqual(["2026-01-01T12:00:00Z", given[0] ?? ""]);
  });

  test("compareRange() refuses what came before all", () => {
    expect(compareRange(range("all"), "previous_period", "UTC")).toMatchObject({
      problem: { code: "invalid_query", pointer: "/include/comparisons/mode" },
    });
  });
});

describe("cutRange()", () => {
  const cut = (
    given: string | string[],
    grain: "minute" | "hour" | "day" | "week" | "month" | null,
    timeZone = "UTC",
  ) => known(cutRange(range(given, timeZone), { grain, timeZone }));

  test("cutRange() makes 23 hours of a day on which the clock is set forward, 25 when back", () => {
    const spring = cut(["2026-03-29", "2026-03-29"], "hour", "Europe/Berlin");
    const autumn = cut(["2026-10-25", "2026-10-25"], "hour", "Europe/Berlin");

    expect(spring.labels).toHaveLength(23);
    expect(spring.labels.slice(1, 3)).toEqual([
      "2026-03-29T01:00:00+01:00",
      "2026-03-29T03:00:00+02:00",
    ]);
    expect(autumn.labels).toHaveLength(25);
    expect(autumn.labels.slice(2, 4)).toEqual([
      "2026-10-25T02:00:00+02:00",
      "2026-10-25T02:00:00+01:00",
    ]);
  });

  test("cutRange() begins an hour where Lord Howe sets its clocks by half an hour", () => {
    const { labels, startsMs } = cut(["2026-04-05", "2026-04-05"], "hour", "Australia/Lord_Howe");

    expect(labels.slice(1, 4)).toEqual([
      "2026-04-05T01:00:00+11:00",
      "2026-04-05T01:30:00+10:30",
      "2026-04-05T02:00:00+10:30",
    ]);
    expect(startsMs.every((ms) => ms % 900_000 === 0)).toBe(true);
    expect(labels).toHaveLength(25);
  });

  test("cutRange() labels the hours of a zone that is 45 minutes off", () => {
    const { labels, startsMs } = cut(["2026-01-01", "2026-01-01"], "hour", "Asia/Kathmandu");

    expect(labels[0]).toBe("2026-01-01T00:00:00+05:45");
    expect(startsMs[1]).toBe(at("2025-12-31T19:15:00Z"));
  });

  test("cutRange() begins weeks on Monday and months on the first, cut to the range", () => {
    const weeks = cut(["2026-01-01", "2026-01-13"], "week");
    const months = cut(["2026-01-15", "2026-03-01"], "month");

    expect(weeks.labels).toEqual(["2025-12-29", "2026-01-05", "2026-01-12"]);
    expect(weeks.startsMs[0]).toBe(at("2026-01-01T00:00:00Z"));
    expect(months.labels).toEqual(["2026-01-01", "2026-02-01", "2026-03-01"]);
  });

  test("cutRange() has no bucket for a day that Apia skipped", () => {
    const { labels } = cut(["2011-12-29", "2011-12-31"], "day", "Pacific/Apia");

    expect(labels).toEqual(["2011-12-29", "2011-12-31"]);
  });

  test.each([
    ["1h", "minute"],
    ["24h", "hour"],
    ["30d", "day"],
    ["12mo", "month"],
  ])("cutRange() cuts %s into buckets of one %s unless it is told how", (word, grain) => {
    expect(cut(word, null).grain).toBe(grain as "minute");
  });

  test("cutRange() refuses more than 10,000 buckets", () => {
    const from = "2026-01-01T00:00:00Z";
    const minutes = (count: number) => new Date(at(from) + count * 60_000).toISOString();

    expect(cut([from, minutes(10_000)], "minute").startsMs).toHaveLength(10_000);
    expect(() => cut([from, minutes(10_001)], "minute")).toThrow("too_many_buckets");
    expect(() => cut(["0001-01-01", "9999-12-30"], "minute")).toThrow("too_many_buckets");
    expect(() => cut(["0001-01-01", "9999-12-30"], "month")).toThrow("too_many_buckets");
  });
});
