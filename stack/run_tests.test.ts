import { expect, test } from "bun:test";

import { readTotals } from "./run_tests.ts";

const report = (counts: string) => `<?xml version="1.0"?>\n<testsuites name="bun test" ${counts}>`;

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
