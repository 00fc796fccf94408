/** Where the values of a small line lie. */
import { expect, test } from "bun:test";
import { sparkPath } from "./spark_path.ts";

test("sparkPath() uses the whole picture below an axis, so that each value lies at its label", () => {
  expect(sparkPath([0, 500, 1000], 1000)).toBe("M0.0 32.0L60.0 16.0L120.0 0.0");
});

test("sparkPath() keeps a margin without an axis, and leaves a hole for what is not known", () => {
  expect(sparkPath([0, null, 4, 2])).toBe("M2.0 30.0M79.3 2.0L118.0 16.0");
  expect(sparkPath([1, null])).toBe("");
});
