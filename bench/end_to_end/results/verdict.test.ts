import { expect, test } from "bun:test";

import { FAMILY, resultOf, roundOf } from "../testing/results.ts";
import { exitCodeOf } from "./result_text.ts";
import { judgeFigures } from "./verdict.ts";

const verdictsOf = (rounds: Parameters<typeof resultOf>[0]) =>
  judgeFigures([FAMILY], resultOf(rounds).families).map(({ verdict }) => verdict);

test("judgeFigures() lets the ratio decide where there is one, else the target", () => {
  expect(verdictsOf([roundOf({ copy: 50_000, rows: 45_000, p99: 25 })])).toEqual([
    "",
    "meets",
    "meets",
  ]);
  expect(verdictsOf([roundOf({ copy: 200_000, rows: 150_000, p99: 25.1 })])).toEqual([
    "",
    "below",
    "below",
  ]);
});

test("judgeFigures() believes no figure of a family whose counts differ in any round", () => {
  const good = roundOf({ copy: 1, rows: 1, p99: 1 });
  const bad = roundOf({ copy: 1, rows: 1, p99: 1 }, ["1 accepted events have no row"]);

  expect(new Set(verdictsOf([good, bad, good]))).toEqual(new Set(["not reconciled"]));
  expect(exitCodeOf([FAMILY], resultOf([good, bad, good]))).toBe(1);
  expect(exitCodeOf([FAMILY], resultOf([good]))).toBe(0);
});

test("judgeFigures() marks a figure that could not be measured", () => {
  const rounds = [roundOf({ copy: 1, rows: 1 })];

  expect(verdictsOf(rounds)).toEqual(["", "meets", "not measured"]);
  expect(exitCodeOf([FAMILY], resultOf(rounds))).toBe(1);
});
