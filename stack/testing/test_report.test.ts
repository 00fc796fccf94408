import { expect, test } from "bun:test";

import { readTotals, slowestTests, slowestText } from "./test_report.ts";

const report = (counts: string) => `<?xml version="1.0"?>\n<testsuites name="bun test" ${counts}>`;
const CASES = `<testsuite name="a.test.ts">
  <testcase name="a() is &quot;quick&quot;" classname="" time="0.004" file="a.test.ts" line="1" />
  <testcase name="a() is slow" classname="" time="12.34" file="a.test.ts" line="9">
    <failure />
  </testcase>
  <testcase name="b()" classname="" time="1.5" file="b.test.ts" line="3" />
</testsuite>`;

test("readTotals() counts neither failures nor skipped tests as passed", () => {
  const totals = readTotals(report('tests="10" assertions="9" failures="2" skipped="1"'), 1);

  expect(totals).toEqual({ passed: 7, failed: 2 });
});

test("readTotals() counts a run that broke down as a failure", () => {
  expect(readTotals("", 139)).toEqual({ passed: 0, failed: 1 });
  expect(readTotals(report('tests="3" failures="0" skipped="0"'), 1)).toEqual({
    passed: 3,
    failed: 1,
  });
});

test("slowestTests() puts the slowest first and keeps to the limit", () => {
  expect(slowestTests(CASES, 2)).toEqual([
    { file: "a.test.ts", name: "a() is slow", seconds: 12.34 },
    { file: "b.test.ts", name: "b()", seconds: 1.5 },
  ]);
});

test("slowestTests() decodes names", () => {
  expect(slowestTests(CASES, 3).at(-1)?.name).toBe('a() is "quick"');
});

test("slowestText() has one line per test, and is empty without a test", () => {
  const lines = slowestText(slowestTests(CASES, 2)).split("\n");

  expect(lines).toEqual([
    "The 2 slowest tests:",
    "   12.3 s  a.test.ts: a() is slow",
    "    1.5 s  b.test.ts: b()",
    "",
  ]);
  expect(slowestText([])).toBe("");
});
