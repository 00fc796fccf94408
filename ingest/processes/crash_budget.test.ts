import { describe, expect, test } from "bun:test";
import { CrashBudget, ENDS_MAX } from "./crash_budget.ts";

describe("CrashBudget.note()", () => {
  test("doubles the pause of one worker up to a second, and not that of another", () => {
    const budget = new CrashBudget();

    const pauses = [1, 2, 3, 4, 5, 6].map((at) => budget.note(1, 500, at * 1000));

    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(budget.note(2, 500, 7000)).toBe(100);
  });

  test("begins with the shortest pause again when the worker had run for 10 s", () => {
    const budget = new CrashBudget();
    budget.note(1, 500, 1000);
    budget.note(1, 500, 2000);

    expect(budget.note(1, 10_000, 12_000)).toBe(100);
    expect(budget.note(1, 500, 13_000)).toBe(200);
  });

  test("gives null when more workers ended within a minute than the bound", () => {
    const budget = new CrashBudget();
    const note = (at: number) => budget.note(at % 3, 500, 1000 + at * 100);

    const pauses = Array.from({ length: ENDS_MAX }, (_, at) => note(at));

    expect(pauses).not.toContain(null);
    expect(note(ENDS_MAX)).toBeNull();
  });

  test("forgets ends that are a minute old", () => {
    const budget = new CrashBudget();

    const pauses = Array.from({ length: 5 * ENDS_MAX }, (_, at) =>
      budget.note(1, 2500, at * (60_000 / ENDS_MAX)),
    );

    expect(pauses).not.toContain(null);
  });

  test("ends one worker that ends at once within a minute", () => {
    const budget = new CrashBudget();
    const startMs = 500;
    let nowMs = 0;
    let pauseMs: number | null = 0;

    while (pauseMs !== null && nowMs < 120_000) {
      nowMs += pauseMs + startMs;
      pauseMs = budget.note(1, startMs, nowMs);
    }

    expect(nowMs).toBeLessThan(60_000);
  });
});
