import { expect, test } from "bun:test";

import { FAMILY, resultOf, roundOf } from "../testing/results.ts";
import { compareResults, compareText } from "./compare.ts";

const runOf = (rows: readonly number[], p99 = 10) =>
  resultOf(rows.map((each) => roundOf({ copy: 100, rows: each, p99 })));
const changeOf = (before: readonly number[], after: readonly number[]) =>
  compareResults([FAMILY], { before: runOf(before), after: runOf(after) }).find(
    ({ figure }) => figure.name === "rows",
  );

test("compareResults() calls a change what is above the noise of the rounds", () => {
  expect(changeOf([100, 102, 98], [110, 112, 111])).toMatchObject({ verdict: "better" });
  expect(changeOf([110, 112, 111], [100, 102, 98])).toMatchObject({ verdict: "worse" });
  expect(changeOf([80, 100, 120], [115, 110, 112])).toMatchObject({ verdict: "within noise" });
});

test("compareResults() takes no small change of single rounds for one", () => {
  expect(changeOf([100], [120])).toMatchObject({ verdict: "within noise", noise: 0.25 });
  expect(changeOf([100], [130])).toMatchObject({ verdict: "better" });
});

test("compareResults() knows that a latency is better when it is lower", () => {
  const runs = { before: runOf([100, 100, 100], 20), after: runOf([100, 100, 100], 10) };

  const found = compareResults([FAMILY], runs).find(({ figure }) => figure.name === "p99");

  expect(found).toMatchObject({ verdict: "better", change: -0.5 });
});

test("compareText() finds a microbenchmark of an older result by its older name", () => {
  const [micro] = resultOf([]).micro;
  if (micro === undefined) throw new Error("there is no microbenchmark");
  const named = (name: string) => ({ ...resultOf([]), micro: [{ ...micro, name }] });
  const before = named("encodeExtent() 1,000 lines");
  const after = named("joinLines() 1,000 lines");

  const text = compareText([FAMILY], { before, after });

  expect(text).toContain("joinLines() 1,000 lines");
});

test("compareText() has a line for each figure and each microbenchmark of both", () => {
  const text = compareText([FAMILY], { before: runOf([100]), after: runOf([200]) });

  expect(text).toMatch(/^rows +100 events\/s +200 events\/s +\+100\.0 % +± 25 % +better$/m);
  expect(text).toMatch(/^decodeRecord\(\) +2\.3 µs +2\.3 µs +\+0\.0 %$/m);
});
