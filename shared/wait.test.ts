import { afterEach, beforeEach, describe, expect, jest, spyOn, test } from "bun:test";

import { allOrNone, eventually, settledWithin, sleep, withinTime } from "./wait.ts";

const NEVER = new Promise<never>(() => undefined);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets time pass and everything run that was due. */
async function pass(ms: number): Promise<void> {
  if (ms > 0) jest.advanceTimersByTime(ms);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** Where a promise stands after its callbacks ran. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  let state = "pending";
  promise.then(
    (value) => (state = `resolved ${String(value)}`),
    (error: unknown) => (state = `rejected ${String(error)}`),
  );
  await pass(0);
  return state;
}

/** A signal that counts its listeners. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const added = spyOn(signal, "addEventListener");
  const removed = spyOn(signal, "removeEventListener");
  const listeners = () => added.mock.calls.length - removed.mock.calls.length;
  return { controller, signal, listeners };
}

/** A clock that can go on while no timer is due. */
function standStill() {
  const now = performance.now.bind(performance);
  let stillMs = 0;
  const spy = spyOn(performance, "now").mockImplementation(() => now() + stillMs);
  return { forMs: (ms: number) => (stillMs += ms), end: () => spy.mockRestore() };
}

describe("sleep()", () => {
  test("sleep() resolves when the time has passed and not before", async () => {
    const slept = sleep(1000);

    await pass(999);
    expect(await stateOf(slept)).toBe("pending");
    await pass(1);

    expect(await stateOf(slept)).toBe("resolved undefined");
  });

  test("sleep() ends early without an error when the signal is aborted", async () => {
    const { controller, signal } = countedSignal();
    const slept = sleep(1000, signal);

    await pass(1);
    expect(await stateOf(slept)).toBe("pending");
    controller.abort();

    expect(await stateOf(slept)).toBe("resolved undefined");
    expect(jest.getTimerCount()).toBe(0);
  });

  test("sleep() ends at once when the signal was aborted before", async () => {
    expect(await stateOf(sleep(1000, AbortSignal.abort()))).toBe("resolved undefined");
  });

  test("sleep() leaves no listener on a signal that outlives it", async () => {
    const { signal, listeners } = countedSignal();
    const slept = sleep(1000, signal);

    await pass(1000);
    await slept;

    expect(listeners()).toBe(0);
  });
});

describe("withinTime()", () => {
  test("withinTime() gives the answer that comes in time, and its timer ends", async () => {
    expect(await withinTime(Promise.resolve("answer"), 1000)).toBe("answer");
    expect(jest.getTimerCount()).toBe(0);
  });

  test("withinTime() gives null when the time is over", async () => {
    const waited = withinTime(NEVER, 1000);

    await pass(999);
    expect(await stateOf(waited)).toBe("pending");
    await pass(1);

    expect(await stateOf(waited)).toBe("resolved null");
  });

  test("withinTime() gives null when the signal is aborted, and leaves no listener", async () => {
    const { controller, signal, listeners } = countedSignal();
    const waited = withinTime(NEVER, 1000, signal);

    controller.abort();

    expect(await stateOf(waited)).toBe("resolved null");
    expect(await withinTime(NEVER, 1000, signal)).toBeNull();
    expect(listeners()).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("withinTime() rejects when the promise does", async () => {
    expect(await stateOf(withinTime(Promise.reject(new Error("no")), 1000))).toBe(
      "rejected Error: no",
    );
    expect(jest.getTimerCount()).toBe(0);
  });

  test("withinTime() ignores a rejection that comes too late", async () => {
    const late = Promise.withResolvers<never>();
    const waited = withinTime(late.promise, 1000);
    await pass(1000);

    late.reject(new Error("too late"));

    expect(await stateOf(waited)).toBe("resolved null");
  });
});

describe("settledWithin()", () => {
  test("settledWithin() is true for a promise that is settled in time, either way", async () => {
    expect(await settledWithin(Promise.resolve(false), 1000)).toBe(true);
    expect(await settledWithin(Promise.reject(new Error("no")), 1000)).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("settledWithin() is false when the time is over", async () => {
    const waited = settledWithin(NEVER, 1000);

    await pass(1000);

    expect(await stateOf(waited)).toBe("resolved false");
  });
});

describe("eventually()", () => {
  test("eventually() looks at once and is true when the condition holds", async () => {
    expect(await stateOf(eventually(() => true, 0))).toBe("resolved true");
  });

  test("eventually() looks again after each pause until the condition holds", async () => {
    let looks = 0;
    const waited = eventually(() => ++looks === 3, 1000, { pollMs: 100 });
    await pass(0);

    await pass(100);
    expect(await stateOf(waited)).toBe("pending");
    await pass(100);

    expect(await stateOf(waited)).toBe("resolved true");
    expect(looks).toBe(3);
  });

  test("eventually() is false when the time is over", async () => {
    const waited = eventually(async () => false, 250, { pollMs: 100 });
    await pass(0);

    for (let look = 0; look < 2; look += 1) await pass(100);
    expect(await stateOf(waited)).toBe("pending");
    await pass(100);

    expect(await stateOf(waited)).toBe("resolved false");
  });

  test("eventually() does not count the time in which its process stood still", async () => {
    const still = standStill();
    let looks = 0;
    const waited = eventually(() => ++looks === 4, 250, { pollMs: 100 });
    await pass(0);

    still.forMs(10_000);
    for (let look = 0; look < 2; look += 1) await pass(100);
    expect(await stateOf(waited)).toBe("pending");
    await pass(100);

    expect(await stateOf(waited)).toBe("resolved true");
    still.end();
  });

  test("eventually() adds a minute at most for the time in which its process stood still", async () => {
    const still = standStill();
    const waited = eventually(() => false, 250, { pollMs: 100 });
    await pass(0);

    still.forMs(61_000);
    await pass(100);

    expect(await stateOf(waited)).toBe("resolved false");
    still.end();
  });

  test("eventually() is false when the signal is aborted", async () => {
    const controller = new AbortController();
    const waited = eventually(() => false, 60_000, { signal: controller.signal });
    await pass(0);

    controller.abort();

    expect(await stateOf(waited)).toBe("resolved false");
  });
});

describe("allOrNone()", () => {
  test("allOrNone() waits for all, aborts the others and throws the first failure", async () => {
    const giveUp = new AbortController();
    const slow = Promise.withResolvers<void>();
    giveUp.signal.addEventListener("abort", () => slow.reject(new Error("gave up")));

    const all = allOrNone(giveUp, [slow.promise, Promise.reject(new Error("first"))]);

    expect(await stateOf(all)).toBe("rejected Error: first");
    expect(giveUp.signal.aborted).toBe(true);
  });

  test("allOrNone() waits for a part that ends after the failure of another one", async () => {
    const slow = Promise.withResolvers<void>();

    const all = allOrNone(new AbortController(), [slow.promise, Promise.reject(new Error("no"))]);
    expect(await stateOf(all)).toBe("pending");
    slow.resolve();

    expect(await stateOf(all)).toBe("rejected Error: no");
  });

  test("allOrNone() ignores failures when the caller has given up", async () => {
    const giveUp = new AbortController();
    giveUp.abort();

    const all = allOrNone(giveUp, [Promise.reject(new Error("gave up"))]);

    expect(await stateOf(all)).toBe("resolved undefined");
  });
});
