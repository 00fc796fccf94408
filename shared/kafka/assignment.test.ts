import { describe, expect, test } from "bun:test";
import {
  ASSIGN,
  REVOKE,
  MEMBER_UNKNOWN,
  assignmentWith,
  names,
  settle,
} from "./testing/fake_assignment.ts";

describe("onRebalance()", () => {
  test("onRebalance() takes partitions paused and starts each at its offset when they are assigned", async () => {
    const { assignment, calls } = assignmentWith();

    assignment.onRebalance(ASSIGN, names(1, 0));
    await settle();

    expect(calls.slice(0, 2)).toEqual(["assign 1@0,0@0", "pause 1,0"]);
    expect(calls.slice(2).toSorted()).toEqual(["resume 0", "resume 1", "seek 0@7", "seek 1@7"]);
    expect(assignment.partitions).toEqual([0, 1]);
  });

  test("onRebalance() reports that the group has answered when there is no partition for this member", async () => {
    const questions: number[][] = [];
    const { assignment, calls } = assignmentWith({
      onAssign: (partitions) => {
        questions.push(partitions);
        return Promise.resolve(new Map());
      },
    });

    assignment.onRebalance(ASSIGN, []);
    await settle();

    expect(questions).toEqual([[]]);
    expect(calls).toEqual(["assign "]);
  });

  test("onRebalance() moves nothing for a partition that is gone when the answer comes", async () => {
    const answer = Promise.withResolvers<ReadonlyMap<number, bigint>>();
    const { assignment, calls } = assignmentWith({ onAssign: () => answer.promise });
    assignment.onRebalance(ASSIGN, names(0, 1));
    assignment.onRebalance(REVOKE, names(1));
    await settle();
    const before = calls.length;

    answer.resolve(
      new Map([
        [0, 5n],
        [1, 5n],
      ]),
    );
    await settle();

    expect(calls.slice(before)).toEqual(["resume 0", "seek 0@5"]);
  });

  test("onRebalance() keeps an old answer from a partition that came back meanwhile", async () => {
    const answers = [
      Promise.withResolvers<ReadonlyMap<number, bigint>>(),
      Promise.withResolvers<ReadonlyMap<number, bigint>>(),
    ];
    let questions = 0;
    const onAssign = () => answers[questions++]?.promise ?? Promise.resolve(new Map());
    const { assignment, calls } = assignmentWith({ onAssign });
    assignment.onRebalance(ASSIGN, names(0));
    assignment.onRebalance(REVOKE, names(0));
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    answers[0]?.resolve(new Map([[0, 5n]]));
    await settle();
    const afterOld = calls.filter((call) => call.startsWith("seek"));
    answers[1]?.resolve(new Map([[0, 9n]]));
    await settle();

    expect(afterOld).toEqual([]);
    expect(calls.filter((call) => call.startsWith("seek"))).toEqual(["seek 0@9"]);
  });

  test("onRebalance() gives partitions back only after onRevoke() when they are revoked", async () => {
    const finished = Promise.withResolvers<void>();
    const { assignment, calls } = assignmentWith({ onRevoke: () => finished.promise });
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    assignment.onRebalance(REVOKE, names(0));
    await settle();
    const early = calls.includes("unassign 0");
    const isAccepted = assignment.accept(0, 7, 0);
    finished.resolve();
    await settle();

    expect(early).toBe(false);
    expect(isAccepted).toBe(false);
    expect(calls.at(-1)).toBe("unassign 0");
  });

  test("onRebalance() gives partitions back and reports the error when onRevoke() rejects", async () => {
    const { assignment, calls, reported } = assignmentWith({
      onRevoke: () => Promise.reject(new Error("the database is down")),
    });
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    assignment.onRebalance(REVOKE, names(0));
    await settle();

    expect(calls.at(-1)).toBe("unassign 0");
    expect(reported[0]).toContain("the database is down");
  });

  test.each([
    ["the client reports it", REVOKE, true],
    ["the rebalance itself failed", MEMBER_UNKNOWN, false],
  ])("onRebalance() reports that partitions are lost when %s", async (_, error, isLost) => {
    const { assignment, reported, state } = assignmentWith();
    assignment.onRebalance(ASSIGN, names(0, 1));
    await settle();

    state.isLost = isLost;
    assignment.onRebalance(error, names(0, 1));
    await settle();

    expect(reported).toEqual(["revoke 0,1 true"]);
    expect(assignment.partitions).toEqual([]);
  });
});

describe("accept()", () => {
  test("accept() refuses records until the partition has started", async () => {
    const answer = Promise.withResolvers<ReadonlyMap<number, bigint>>();
    const { assignment } = assignmentWith({ onAssign: () => answer.promise });
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    const before = assignment.accept(0, 7, 0);
    answer.resolve(new Map([[0, 7n]]));
    await settle();

    expect(before).toBe(false);
    expect(assignment.accept(0, 7, 0)).toBe(true);
    expect(assignment.accept(1, 7, 0)).toBe(false);
  });
});

describe("marks", () => {
  const started = async () => {
    const made = assignmentWith();
    made.assignment.onRebalance(ASSIGN, names(0));
    await settle();
    return made;
  };

  test("accept() notes a jump when the first record after a move is not the one asked for", async () => {
    const { assignment, marks } = await started();

    for (const offset of [9, 10, 14]) assignment.accept(0, offset, 0);

    expect(marks.take().jumps).toEqual(new Map([[0, 9n]]));
    expect(marks.take().jumps).toEqual(new Map());
  });

  test("accept() notes no jump when the client follows the log from the offset asked for", async () => {
    const { assignment, marks } = await started();

    for (const offset of [7, 9, 14]) assignment.accept(0, offset, 0);

    expect(marks.take().jumps).toEqual(new Map());
  });

  type Move = (assignment: ReturnType<typeof assignmentWith>["assignment"]) => unknown;
  test.each<[string, Move]>([
    ["seek()", (assignment) => assignment.seek(0, 8n)],
    ["pause()", (assignment) => assignment.pause([0])],
    ["resume()", (assignment) => assignment.resume([0])],
  ])("accept() notes a jump again after %s", async (_, move) => {
    const { assignment, marks } = await started();
    assignment.accept(0, 7, 0);

    await move(assignment);
    assignment.accept(0, 9, 0);

    expect(marks.take().jumps).toEqual(new Map([[0, 9n]]));
  });

  test("reachEnd() notes the end, and a jump to it after a move", async () => {
    const [jumped, followed] = [await started(), await started()];
    followed.assignment.accept(0, 7, 0);

    for (const { assignment } of [jumped, followed]) assignment.reachEnd(0, 9n, 0);

    expect(jumped.marks.take()).toEqual({ ends: new Map([[0, 9n]]), jumps: new Map([[0, 9n]]) });
    expect(followed.marks.take()).toEqual({ ends: new Map([[0, 9n]]), jumps: new Map() });
  });

  test("reachEnd() leaves no mark behind when the partition moves before the marks are taken", async () => {
    const { assignment, marks } = await started();
    assignment.reachEnd(0, 9n, 0);

    await assignment.seek(0, 5n);

    expect(marks.take()).toEqual({ ends: new Map(), jumps: new Map() });
  });

  test("reachEnd() counts only when no record came after the end", async () => {
    const { assignment, marks } = await started();
    for (const offset of [7, 8, 9]) assignment.accept(0, offset, 0);

    assignment.reachEnd(0, 8n, 0);

    expect(marks.take().ends).toEqual(new Map());
  });
});

describe("seek()", () => {
  test("seek() reports out of range and leaves the partition paused when the log has no such offset", async () => {
    const { assignment, calls, reported } = assignmentWith({
      onAssign: () => Promise.resolve(new Map([[0, 101n]])),
    });
    assignment.onRebalance(ASSIGN, names(0));
    await settle();
    const atFirst = [...calls];

    await assignment.seek(0, 100n);

    expect(reported).toEqual(["out of range 0"]);
    expect(atFirst.filter((call) => /seek|resume/.test(call))).toEqual([]);
    expect(assignment.accept(0, 100, 0)).toBe(true);
  });

  test("seek() tries again when the partition's fetcher does not run yet", async () => {
    const { assignment, calls, state, reported } = assignmentWith();
    state.seekErrors.push({ code: -172, message: "Local: Erroneous state" });

    assignment.onRebalance(ASSIGN, names(0));
    await settle();
    await assignment.seek(0, 9n);

    expect(calls.filter((call) => call.startsWith("seek"))).toContain("seek 0@9");
    expect(reported).toEqual([]);
  });

  test("seek() does nothing when the partition is not held", async () => {
    const { assignment, calls } = assignmentWith();

    await assignment.seek(4, 9n);

    expect(calls).toEqual([]);
  });
});

describe("pause() and resume()", () => {
  test("pause() before the start holds when the partition starts, until resume()", async () => {
    const answer = Promise.withResolvers<ReadonlyMap<number, bigint>>();
    const { assignment, calls } = assignmentWith({ onAssign: () => answer.promise });
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    assignment.pause([0]);
    answer.resolve(new Map([[0, 7n]]));
    await settle();
    const beforeResume = calls.includes("resume 0");
    assignment.resume([0]);

    expect(beforeResume).toBe(false);
    expect(calls).toContain("seek 0@7");
    expect(calls.at(-1)).toBe("resume 0");
  });

  test("resume() does not start a partition whose offset is not known yet", async () => {
    const never = Promise.withResolvers<ReadonlyMap<number, bigint>>();
    const { assignment, calls } = assignmentWith({ onAssign: () => never.promise });
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    assignment.resume([0]);

    expect(calls).not.toContain("resume 0");
  });
});
