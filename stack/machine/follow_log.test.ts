import { expect, test } from "bun:test";

import { worthShowing } from "./follow_log.ts";

test("worthShowing() keeps warnings and errors with their cause", () => {
  const line = JSON.stringify({
    level: "error",
    msg: "Batch refused.",
    error: { message: "disk full" },
  });

  expect(worthShowing(line)).toBe("error: Batch refused. (disk full)");
});

test("worthShowing() leaves out information", () => {
  expect(worthShowing(JSON.stringify({ level: "info", msg: "Started." }))).toBeNull();
  expect(worthShowing("  ")).toBeNull();
});

test("worthShowing() keeps the last words of a process that crashed", () => {
  expect(worthShowing("TypeError: x is not a function")).toBe("TypeError: x is not a function");
  expect(worthShowing('{"level":')).toBe('{"level":');
});
