import { describe, expect, test } from "bun:test";
import { STRETCH_MS, WAIT_MS_MAX, WorkQueue } from "./work_queue.ts";

const BYTES_MAX = 10_000_000;

function create() {
  const clock = { ms: 0 };
  const turns: (() => void)[] = [];
  const done: number[] = [];
  const queue = new WorkQueue({
    now: () => clock.ms,
    afterTurn: (action) => void turns.push(action),
    bytesMax: BYTES_MAX,
  });
  /** Adds work that takes this long; 100 bytes a ms. */
  const run = (name: number, ms: number) =>
    queue.run(ms * 100, () => {
      clock.ms += ms;
      done.push(name);
      return Promise.resolve(name);
    });
  const endTurn = () => {
    for (const turn of turns.splice(0)) turn();
  };
  return { queue, clock, turns, done, run, endTurn };
}

/** Runs so much that the pace is known. */
function warmUp({ queue, clock, endTurn }: ReturnType<typeof create>, ms = 10): void {
  for (let count = 0; count < 300; count++) {
    void queue.run(1000, () => {
      clock.ms += ms;
      return Promise.resolve();
    });
    endTurn();
  }
}

describe("WorkQueue", () => {
  test("run() works at once until a stretch is over, then in the order of the calls", async () => {
    const { run, done, endTurn } = create();
    const all = [1, 2, 3, 4, 5, 6, 7].map((name) => run(name, 10));
    expect(done).toEqual([1, 2, 3]);

    endTurn();
    expect(done).toEqual([1, 2, 3, 4, 5, 6]);
    endTurn();

    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("run() lets nothing pass what waits", () => {
    const { run, done, endTurn } = create();
    for (let name = 1; name <= 5; name++) void run(name, STRETCH_MS);
    endTurn();
    void run(6, 1);

    expect(done).toEqual([1, 2]);
    for (let turn = 0; turn < 4; turn++) endTurn();
    expect(done).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("isFull when what waits takes longer than an answer may, and not when it has been done", () => {
    const made = create();
    const { queue, run, endTurn } = made;
    warmUp(made);
    for (let ms = 0; ms < WAIT_MS_MAX + 20; ms += 10) void run(0, 10);
    expect(queue.isFull).toBe(false);
    void run(0, 10);
    void run(0, 10);
    expect(queue.isFull).toBe(true);
    expect(queue.waitMs).toBeCloseTo(WAIT_MS_MAX + 10, 0);

    endTurn();

    expect(queue.isFull).toBe(false);
  });

  test("is not full before the pace is known: the first pieces of a process are slow", () => {
    const { queue, run } = create();

    for (let count = 0; count < 1000; count++) void run(count, 10);

    expect(queue.isFull).toBe(false);
  });

  test("is full at its bound of bytes, even before the pace is known", () => {
    const { queue, run, endTurn } = create();
    // Done at once: it does not wait.
    void run(0, STRETCH_MS);
    void queue.run(BYTES_MAX - 1, () => Promise.resolve());
    expect(queue.isFull).toBe(false);

    void queue.run(1, () => Promise.resolve());
    expect(queue.isFull).toBe(true);

    endTurn();
    expect(queue.isFull).toBe(false);
  });

  test("waits for one turn at a time", () => {
    const { run, turns } = create();

    for (let name = 1; name <= 9; name++) void run(name, 10);

    expect(turns).toHaveLength(1);
  });

  test("takes a piece that stood still for no pace", () => {
    const made = create();
    const { queue, clock } = made;
    warmUp(made);

    void queue.run(1000, () => {
      clock.ms += 60_000;
      return Promise.resolve();
    });
    void queue.run(1000, () => Promise.resolve());

    expect(queue.waitMs).toBeWithin(10, 20);
  });

  test("run() hands on a failure of work that has waited", async () => {
    const { queue, run, endTurn } = create();
    void run(1, STRETCH_MS);

    const failing = queue.run(1, () => Promise.reject(new Error("no")));
    endTurn();

    expect(failing).rejects.toThrow("no");
  });

  test.each([1, 5, 40])(
    "takes 90 %% of the most, in time, when three times that comes and a piece takes %d ms",
    (pieceMs) => {
      const { accepted, refused, latestMs, seconds } = overload(pieceMs);

      expect(accepted * pieceMs).toBeGreaterThan(seconds * 1000 * 0.9);
      expect(refused).toBeGreaterThan(accepted);
      expect(latestMs).toBeLessThan(WAIT_MS_MAX + 4 * STRETCH_MS + 2 * pieceMs);
    },
  );
});

/** Reading a request and refusing it, ms, beside the work of one that is taken. */
const refusalMs = (pieceMs: number): number => pieceMs * 0.02; // chosen

/** Three times what the process can do, for some seconds, in the time of the test's clock. */
function overload(pieceMs: number) {
  const made = create();
  const { queue, clock, endTurn, turns } = made;
  warmUp(made, pieceMs);
  const startMs = clock.ms;
  const seconds = 10;
  const found = { accepted: 0, refused: 0, latestMs: 0, seconds };
  let dueMs = startMs;
  while (clock.ms < startMs + seconds * 1000) {
    // What has come by now, as the event loop finds it.
    for (const nowMs = clock.ms; dueMs <= nowMs; dueMs += pieceMs / 3) {
      const cameMs = dueMs;
      clock.ms += refusalMs(pieceMs);
      if (queue.isFull) {
        found.refused += 1;
        continue;
      }
      void queue.run(1000, () => {
        clock.ms += pieceMs;
        found.accepted += 1;
        found.latestMs = Math.max(found.latestMs, clock.ms - cameMs);
        return Promise.resolve();
      });
    }
    if (turns.length > 0) endTurn();
    else clock.ms = dueMs;
  }
  return found;
}
