import { expect, test } from "bun:test";

import { FAMILY, resultOf, roundOf } from "../testing/results.ts";
import { resultText } from "./result_text.ts";

test("resultText() shows value, target, ratio, wanted ratio and verdict of each figure", () => {
  const rounds = [
    roundOf({ copy: 100_000, rows: 70_000, p99: 12.34 }),
    roundOf({ copy: 100_000, rows: 90_000, p99: 12.34 }),
    roundOf({ copy: 100_000, rows: 85_000, p99: 12.34 }),
  ];

  const lines = resultText([FAMILY], resultOf(rounds)).split("\n");

  const line = lines.find((each) => each.startsWith("rows"))?.split(/ {2,}/);
  expect(line).toEqual([
    "rows",
    "85,000 events/s",
    "≥ 100,000 events/s",
    "0.85",
    "0.80",
    "copy",
    "meets",
    "drain to rows",
  ]);
  expect(lines.some((each) => /^decodeRecord\(\) +2\.35 µs +2\.3 µs +9 µs$/.test(each))).toBe(true);
});

test("resultText() says below the table what does not agree", () => {
  const rounds = [roundOf({ copy: 1, rows: 1, p99: 1 }, ["1 accepted events have no row"])];

  const text = resultText([FAMILY], resultOf(rounds));

  expect(text).toContain("not reconciled");
  expect(text).toEndWith("drain: 1 accepted events have no row");
});
