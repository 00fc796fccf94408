import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { Admission, WAIT_MS_MAX } from "./admission.ts";
import { PartitionStates, type Parcel } from "./partition_states.ts";
import { HEALTHY } from "../testing/fake_producer.ts";

const WINDOW = { bytesStart: 1000, bytesMin: 100, bytesMax: 1_000_000, deliveryMs: 2500 };
const STORED = { partition: 0, offset: 0n };

function oneFullPartition({ waitingBytesMax = 10_000 } = {}) {
  const partitions = new PartitionStates(WINDOW);
  partitions.update([HEALTHY, HEALTHY], 0);
  const clock = { ms: 0 };
  const admission = new Admission({ partitions, waitingBytesMax, now: () => clock.ms });
  const first = parcel(0, 900);
  const verdict = admission.admit([first]);
  return { admission, clock, first, verdict };
}

const parcel = (partition: number, bytes: number): Parcel => ({
  partition,
  bytes,
  records: 1,
  onStuck: null,
});

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe("Admission", () => {
  test("admit() waits for room and gets it when an earlier parcel is stored", async () => {
    const { admission, first, verdict } = oneFullPartition();

    const waiting = admission.admit([parcel(0, 800)]);
    admission.settle(first, STORED);

    expect(verdict).toBe("admitted");
    expect(waiting).toBeInstanceOf(Promise);
    expect(await waiting).toBe("admitted");
  });

  test("admit() gives up after a short wait when nothing is stored", async () => {
    const { admission } = oneFullPartition();
    const verdicts: string[] = [];

    const waiting = Promise.resolve(admission.admit([parcel(0, 800)]));
    void waiting.then((verdict) => verdicts.push(verdict));
    jest.advanceTimersByTime(WAIT_MS_MAX - 1);
    await Promise.resolve();
    const before = [...verdicts];
    jest.advanceTimersByTime(1);
    await waiting;

    expect(before).toEqual([]);
    expect(verdicts).toEqual(["full"]);
  });

  test("admit() decides at once for another partition while one is full", () => {
    const { admission } = oneFullPartition();

    void admission.admit([parcel(0, 800)]);

    expect(admission.admit([parcel(1, 800)])).toBe("admitted");
  });

  test("admit() lets no more bytes wait than allowed", () => {
    const { admission } = oneFullPartition({ waitingBytesMax: 1000 });

    void admission.admit([parcel(0, 800)]);

    expect(admission.admit([parcel(0, 800)])).toBe("full");
  });

  test("isSlow is true when a request has waited for a while", async () => {
    const { admission, clock, first } = oneFullPartition();

    const waiting = admission.admit([parcel(0, 800)]);
    const before = admission.isSlow;
    clock.ms = WAIT_MS_MAX / 2;

    expect([before, admission.isSlow]).toEqual([false, true]);
    admission.settle(first, STORED);
    await waiting;
    expect(admission.isSlow).toBe(false);
  });

  test("isSlow when what was admitted drains too slowly, and not when it drains fast", () => {
    const partitions = new PartitionStates({ ...WINDOW, bytesStart: 1e9, bytesMax: 1e9 });
    partitions.update([HEALTHY], 0);
    const clock = { ms: 0 };
    const admission = new Admission({ partitions, waitingBytesMax: 0, now: () => clock.ms });
    const parcels = Array.from({ length: 100 }, () => parcel(0, 50_000));
    for (const each of parcels) admission.admit([each]);
    expect([admission.isSlow, admission.msLeft]).toEqual([false, null]);

    for (const each of parcels.splice(0, 20)) {
      clock.ms += 20;
      admission.settle(each, STORED);
    }

    // 4 MB are left, at 2.5 MB/s.
    expect(admission.msLeft).toBeCloseTo(1600, 0);
    expect(admission.isSlow).toBe(true);
    for (const each of parcels.splice(0, 60)) admission.settle(each, STORED);
    expect(admission.isSlow).toBe(false);
  });
});
