import { describe, expect, test } from "bun:test";
import { BURST_SECONDS, type QuotaKey } from "./key_quota.ts";
import { LocalQuotas, SOMETHING } from "./quotas.ts";

const KEY: QuotaKey = { name: "shop", eventsPerSecond: 10, bytesPerSecond: 1000 };
const FREE: QuotaKey = { name: "free", eventsPerSecond: null, bytesPerSecond: null };

function create() {
  const clock = { nowMs: 0 };
  return { clock, quotas: new LocalQuotas(() => clock.nowMs) };
}

describe("LocalQuotas", () => {
  test("take() takes until the first bucket is empty, and says which", () => {
    const { quotas, clock } = create();
    const verdicts = Array.from({ length: 101 }, () => quotas.take(KEY, { events: 1, bytes: 5 }));

    expect(verdicts.filter(({ kind }) => kind === "taken")).toHaveLength(10 * BURST_SECONDS);
    expect(verdicts.at(-1)).toMatchObject({ kind: "refused", violated: ["events"] });
    clock.nowMs = 1;
    expect(quotas.take(KEY, { events: 1, bytes: 5 }).kind).toBe("taken");
  });

  test("take() takes nothing of one unit when another is empty", () => {
    const { quotas } = create();
    quotas.take(KEY, { events: 1, bytes: 20_000 });
    const before = quotas.levels(KEY);

    expect(quotas.take(KEY, { events: 1, bytes: 1 })).toMatchObject({ violated: ["bytes"] });
    expect(quotas.levels(KEY)).toEqual(before);
  });

  test("take() takes a request that is larger than the burst, once", () => {
    const { quotas } = create();

    expect(quotas.take(KEY, { events: 500, bytes: 1 }).kind).toBe("taken");
    expect(quotas.take(KEY, { events: 1, bytes: 1 })).toMatchObject({
      kind: "refused",
      retryMs: 40_000,
    });
  });

  test("look() refuses a key whose bucket is empty, and takes nothing", () => {
    const { quotas, clock } = create();
    expect(quotas.look(KEY)).toBeNull();
    quotas.take(KEY, { events: 100, bytes: 1 });

    expect(quotas.look(KEY)).toMatchObject({ kind: "refused", violated: ["events"] });
    clock.nowMs = 1;
    expect(quotas.look(KEY)).toBeNull();
  });

  test("take() leaves one key alone when another has used its quota up", () => {
    const { quotas } = create();
    quotas.take(KEY, { events: 10_000, bytes: 1 });

    expect(quotas.take({ ...KEY, name: "other" }, SOMETHING).kind).toBe("taken");
  });

  test("take() uses new limits when a key has them", () => {
    const { quotas } = create();
    quotas.take(KEY, { events: 10_000, bytes: 1 });

    expect(quotas.take({ ...KEY, eventsPerSecond: 20 }, SOMETHING).kind).toBe("taken");
  });

  test("asks nothing of a key without a quota", () => {
    const { quotas } = create();

    expect(quotas.look(FREE)).toBeNull();
    expect(quotas.take(FREE, { events: 1e9, bytes: 1e12 }).kind).toBe("taken");
    expect(quotas.levels(FREE)).toBeNull();
  });
});
