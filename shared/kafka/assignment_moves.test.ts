/** What a consumer learned or wanted before a move of a partition must not count after it. */
import { describe, expect, test } from "bun:test";
import { Assignment } from "./assignment.ts";
import { MarkCollector } from "./assignment_events.ts";
import { ClientQueue } from "./client_queue.ts";
import type { NativeConsumer } from "./client.ts";
import { ASSIGN, REVOKE, assignmentWith, names, settle } from "./testing/fake_assignment.ts";

const NONE = { ends: new Map(), jumps: new Map() };

/** As GroupConsumer.#exclusive(): one task at a time. */
function serial() {
  let turn: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
}

/** An assignment on a client whose watermarks and seeks the test answers; moves take turns. */
function world(onAssign: (partitions: number[]) => Promise<ReadonlyMap<number, bigint>>) {
  const clock = { nowMs: 0 };
  const marks = new MarkCollector();
  const queue = new ClientQueue(1000);
  const reported: string[] = [];
  /** The offset that the client fetches from, after each move that took effect. */
  const fetchedFrom: number[] = [];
  const watermarks: ((error: unknown) => void)[] = [];
  const seeks: (() => void)[] = [];
  const client = {
    incrementalAssign: ([name]: { offset: number }[]) => void fetchedFrom.push(name?.offset ?? -1),
    incrementalUnassign: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    assignmentLost: () => false,
    seek: ({ offset }: { offset: number }, _: number, done: (error: unknown) => void) =>
      void seeks.push(() => {
        fetchedFrom.push(offset);
        done(null);
      }),
    queryWatermarkOffsets: (
      ...[, , , done]: [string, number, number, (error: unknown, offsets: object) => void]
    ) => void watermarks.push((error) => done(error, { lowOffset: 0, highOffset: 100 })),
  } as unknown as NativeConsumer;
  const exclusive = serial();
  const assignment = new Assignment(
    { topic: "events", marks, queue, now: () => clock.nowMs, client: () => client, exclusive },
    {
      onAssign,
      onRevoke: () => Promise.resolve(),
      onOffsetOutOfRange: (partition) => reported.push(`out of range ${partition}`),
      onStalled: (partition) => reported.push(`stalled ${partition}`),
      onError: (error) => reported.push(error.message),
    },
  );
  /** Answers the oldest question for watermarks; lets everything run. */
  const answerWatermarks = async (error: unknown = null) => {
    watermarks.shift()?.(error);
    await settle();
  };
  const endSeek = async () => {
    seeks.shift()?.();
    await settle();
  };
  /** Quiet; the log has records; the patience ends; the client's queue was emptied. */
  const loseFetcher = async () => {
    for (const nowMs of [6000, 12_000]) {
      clock.nowMs = nowMs;
      void assignment.check("quiet");
      await answerWatermarks();
    }
    queue.noteTaken(0, 0);
  };
  return {
    assignment,
    clock,
    marks,
    reported,
    fetchedFrom,
    exclusive,
    answerWatermarks,
    endSeek,
    loseFetcher,
  };
}

describe("marks", () => {
  test("Assignment forgets an end from before a revocation when the partition is assigned again", async () => {
    const answers: Promise<ReadonlyMap<number, bigint>>[] = [
      Promise.resolve(new Map([[0, 7n]])),
      new Promise(() => undefined), // The second start takes its time: only the map is not started.
    ];
    const { assignment, marks } = assignmentWith({
      onAssign: () => answers.shift() ?? Promise.resolve(new Map()),
    });
    assignment.onRebalance(ASSIGN, names(0));
    await settle();
    for (const offset of [7, 8]) assignment.accept(0, offset, 0);
    assignment.reachEnd(0, 9n, 0); // An empty fetch of consume(), which goes on waiting.

    assignment.onRebalance(REVOKE, names(0));
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    expect(marks.take()).toEqual(NONE);
  });
});

describe("two moves of one partition", () => {
  test("check() does not undo a seek that is under way when it finds a stall", async () => {
    const made = world(async () => new Map([[0, 0n]]));
    const { assignment, fetchedFrom, exclusive } = made;
    assignment.onRebalance(ASSIGN, names(0));
    await settle();
    await made.answerWatermarks();
    await made.endSeek();
    for (let offset = 0; offset < 20; offset++) assignment.accept(0, offset, 0);
    await made.loseFetcher();

    // The position has moved to 10: another owner wrote while 10 to 19 were only buffered here.
    const sought = assignment.seek(0, 10n);
    await made.answerWatermarks(); // In range: the move has begun, its seek is on its way.
    void assignment.check("quiet");
    await made.answerWatermarks(); // Stalled: a new fetcher at 20 waits for the turn of the move.
    await made.endSeek();
    await sought;
    await exclusive(async () => undefined);

    expect(made.reported).toContain("stalled 0");
    expect(fetchedFrom.at(-1)).toBe(10);
  });

  test("onRebalance() does not undo a later seek when the start of the partition comes late", async () => {
    const made = world(async () => new Map([[0, 20n]]));
    const { assignment, fetchedFrom, exclusive } = made;
    assignment.onRebalance(ASSIGN, names(0));
    await settle();
    // The leader is away for a moment: the start at 20 is tried again after a pause.
    await made.answerWatermarks({ code: -195, message: "Local: Broker transport failure" });

    // Meanwhile an operator rewinds to 10, and the leader is back.
    const sought = assignment.seek(0, 10n);
    await made.answerWatermarks();
    await made.endSeek();
    await sought;
    await Bun.sleep(50); // The pause of the first start.
    await made.answerWatermarks();
    await made.endSeek();
    await exclusive(async () => undefined);

    expect(fetchedFrom.at(-1)).toBe(10);
  });
});

describe("the answer of onAssign()", () => {
  test("onRebalance() does not undo a seek when the answer of onAssign() comes after it", async () => {
    const answer = Promise.withResolvers<ReadonlyMap<number, bigint>>();
    const made = world(() => answer.promise);
    const { assignment, fetchedFrom, exclusive } = made;
    assignment.onRebalance(ASSIGN, names(0));
    await settle();

    // OwnedPartitions has opened 0 at 20 and waits up to 2 s for the others. An operator rewinds.
    const sought = assignment.seek(0, 10n);
    await made.answerWatermarks();
    await made.endSeek();
    await sought;
    answer.resolve(new Map([[0, 20n]]));
    await settle();
    await made.answerWatermarks();
    await made.endSeek();
    await exclusive(async () => undefined);

    expect(fetchedFrom.at(-1)).toBe(10);
  });
});

describe("a stall while records are handed over", () => {
  test("check() keeps the jump for the caller of consume() when a new fetcher is due at once", async () => {
    const made = world(async () => new Map([[0, 10n]]));
    const { assignment, clock, marks, exclusive } = made;
    assignment.onRebalance(ASSIGN, names(0));
    await settle();
    await made.answerWatermarks();
    await made.endSeek(); // Nothing has come since this move.
    await made.loseFetcher();

    // GroupConsumer.#fetch() and consume(), by their promises.
    const native = Promise.withResolvers<void>();
    const fetch = () =>
      exclusive(async () => {
        await native.promise;
        assignment.accept(0, 15, clock.nowMs); // A jump: 10 was asked for.
        return [15];
      });
    const consume = async (): Promise<number[]> => {
      for (;;) {
        const records = await fetch();
        if (records.length > 0) return records;
      }
    };
    const received = (async () => [await consume(), marks.take().jumps] as const)();
    void assignment.check("quiet");
    await made.answerWatermarks(); // Stalled: the new fetcher waits for the turn of the fetch.
    native.resolve();

    expect(await received).toEqual([[15], new Map([[0, 15n]])]);
  });
});
