import { describe, expect, test } from "bun:test";
import { ASSIGN, assignmentWith, names, settle } from "./testing/fake_assignment.ts";

describe("check()", () => {
  test("check() reports a started partition whose next offset the log has lost", async () => {
    const { assignment, reported } = assignmentWith();
    assignment.onRebalance(ASSIGN, names(0, 1));
    await settle();
    assignment.accept(0, 500, 0);

    await assignment.check("all");
    await assignment.check("all");

    expect(reported).toEqual(["out of range 0"]);
  });

  test("check() gives a partition a new fetcher when it stands still before records", async () => {
    const { assignment, reported, calls } = assignmentWith();
    assignment.onRebalance(ASSIGN, names(0, 1));
    await settle();
    const longAgo = performance.now() - 60_000;
    assignment.accept(0, 41, longAgo);
    assignment.accept(1, 99, longAgo);
    calls.length = 0;

    await assignment.check("quiet");
    await assignment.check("quiet");

    expect(reported).toEqual(["stalled 0"]);
    expect(calls).toEqual(["unassign 0", "assign 0@42"]);
  });

  test("check() leaves a partition alone that is paused, or that records came for", async () => {
    const { assignment, reported, calls } = assignmentWith();
    assignment.onRebalance(ASSIGN, names(0, 1));
    await settle();
    assignment.accept(0, 41, performance.now() - 60_000);
    assignment.accept(1, 41, performance.now());
    assignment.pause([0]);
    calls.length = 0;

    await assignment.check("quiet");

    expect([reported, calls]).toEqual([[], []]);
  });
});
