import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BURST_SECONDS, type QuotaKey } from "./key_quota.ts";
import { LeaseBook, LeasedQuotas, type LeaseRequest } from "./leased_quotas.ts";

const KEY: QuotaKey = { name: "shop", eventsPerSecond: 300, bytesPerSecond: null };
const PROCESSES = 3;

/** Several processes on one book; the clock is the test's. */
function create() {
  const clock = { nowMs: 0 };
  const now = () => clock.nowMs;
  const book = new LeaseBook();
  const asked: LeaseRequest[] = [];
  const link = { isUp: true };
  const make = () =>
    new LeasedQuotas({
      now,
      processes: PROCESSES,
      ask(request) {
        asked.push(request);
        return Promise.resolve(link.isUp ? book.grant(request, now()) : null);
      },
    });
  return { clock, asked, link, make, all: Array.from({ length: PROCESSES }, make) };
}

const events = (count: number) => ({ events: count, bytes: 1 });

/** Sends requests of a size until one is refused. @returns Events taken. */
async function drain(quotas: LeasedQuotas, size: number, key = KEY): Promise<number> {
  let taken = 0;
  while ((await quotas.take(key, events(size))).kind === "taken") taken += size;
  return taken;
}

describe("LeasedQuotas", () => {
  test("take() asks for few of many requests", async () => {
    const { all, asked } = create();
    const [first] = all as [LeasedQuotas];

    for (let count = 0; count < 1000; count++) await first.take(KEY, events(1));

    // A lease is a tenth of a second's rate, divided by three: 10 events, and one for the asker.
    expect(asked.length).toBe(Math.ceil(1000 / 11));
  });

  test("take() gives all processes together the burst, and nearly all of it to those that ask", async () => {
    const { all } = create();
    let taken = 0;
    for (const quotas of all) taken += await drain(quotas, 1);

    expect(taken).toBeLessThanOrEqual(300 * BURST_SECONDS + 1);
    expect(taken).toBeGreaterThanOrEqual(300 * BURST_SECONDS * 0.9);
  });

  test("take() keeps all processes within rate, burst and one request, and uses 90 % of it", async () => {
    const step = fc.record({
      at: fc.integer({ min: 0, max: PROCESSES - 1 }),
      waitMs: fc.integer({ min: 0, max: 50 }),
      size: fc.integer({ min: 1, max: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 300, maxLength: 600 }), async (steps) => {
        const { all, clock } = create();
        let taken = 0;
        for (const { at, waitMs, size } of steps) {
          clock.nowMs += waitMs;
          const verdict = await all[at]?.take(KEY, events(size));
          if (verdict?.kind === "taken") taken += size;
        }
        const quota = 300 * (BURST_SECONDS + clock.nowMs / 1000);
        expect(taken).toBeLessThanOrEqual(quota + 400);
        expect(taken).toBeGreaterThanOrEqual(quota * 0.9);
      }),
      { numRuns: 30 },
    );
  });

  test("take() decides requests that come at once in their order, each once", async () => {
    const { all } = create();
    const [first] = all as [LeasedQuotas];

    const verdicts = await Promise.all(
      Array.from({ length: 4000 }, () => first.take(KEY, events(1))),
    );

    const taken = verdicts.findIndex(({ kind }) => kind !== "taken");
    expect(taken).toBeGreaterThanOrEqual(300 * BURST_SECONDS * 0.9);
    expect(taken).toBeLessThanOrEqual(300 * BURST_SECONDS + 1);
    expect(verdicts.slice(taken).every(({ kind }) => kind === "refused")).toBe(true);
  });

  test("look() refuses without a question while the bucket is empty", async () => {
    const { all, asked, clock } = create();
    const [first] = all as [LeasedQuotas];
    await drain(first, 1);
    asked.length = 0;

    for (let count = 0; count < 1000; count++) {
      expect(first.look(KEY)?.kind).toBe("refused");
      expect((await first.take(KEY, events(1))).kind).toBe("refused");
    }
    expect(asked).toEqual([]);
    clock.nowMs += 100;
    expect(first.look(KEY)).toBeNull();
  });

  test("a process that dies loses at most its lease", async () => {
    const { all, make } = create();
    const [first] = all as [LeasedQuotas];
    await first.take(KEY, events(1));

    const taken = await drain(make(), 1);

    expect(taken + 1).toBeGreaterThanOrEqual(300 * (BURST_SECONDS - 0.1) - 10);
  });

  test("a lease of one unit does not grow while another one is asked for", async () => {
    const { all, asked } = create();
    const [first] = all as [LeasedQuotas];
    const key = { ...KEY, eventsPerSecond: 3, bytesPerSecond: 30_000 };

    for (let count = 0; count < 20; count++) await first.take(key, { events: 1, bytes: 1 });

    const leased = asked.reduce((sum, { needed, extra }) => sum + needed.bytes + extra.bytes, 0);
    expect(leased).toBeLessThanOrEqual(20 + 1000);
  });

  test("take() is unknown while the supervisor is silent, and asks again later", async () => {
    const { all, link, asked, clock } = create();
    const [first] = all as [LeasedQuotas];
    link.isUp = false;
    expect((await first.take(KEY, events(1))).kind).toBe("unknown");
    expect(first.look(KEY)?.kind).toBe("unknown");
    expect(asked).toHaveLength(1);

    link.isUp = true;
    clock.nowMs += 1001;

    expect((await first.take(KEY, events(1))).kind).toBe("taken");
  });

  test("levels() holds what this process has leased and what it knows of the rest", async () => {
    const { all } = create();
    const [first] = all as [LeasedQuotas];
    await first.take(KEY, events(1));

    expect(Math.floor(first.levels(KEY)?.events ?? 0)).toBe(300 * BURST_SECONDS - 30 - 1);
    expect(first.levels({ ...KEY, eventsPerSecond: null })).toBeNull();
  });

  test("levels() never holds more than the burst, however long nothing is taken", async () => {
    const { all, clock } = create();
    const [first] = all as [LeasedQuotas];
    expect(first.levels(KEY)?.events).toBeCloseTo(300 * (BURST_SECONDS - 0.1));
    await first.take(KEY, events(1));
    clock.nowMs += 60_000;

    // The supervisor's bucket is full again, and a lease of 10 is held beside it.
    expect(first.levels(KEY)?.events).toBeCloseTo(300 * (BURST_SECONDS - 0.1) + 10);
  });
});
