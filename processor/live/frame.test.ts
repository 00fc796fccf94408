/** Frames from two reads: rates, percentiles, lag, and null for what is not known. */
import { describe, expect, test } from "bun:test";
import { computeFrame } from "./frame.ts";
import {
  frameOf,
  histogram,
  input,
  look,
  MONOTONIC_MS,
  NOW_MS,
  partition,
  totals,
} from "./testing/frames.ts";

describe("computeFrame()", () => {
  test("computeFrame() takes rates and latencies from the difference when there are two reads", () => {
    const early = [10, 20, 30];
    const late = [100, 100, 100, 100];
    const previousTotals = totals(1000, {
      postgres: [
        partition(0, { records: 5, events: 3, latency: histogram(...early), latencyMsSum: 60 }),
      ],
      archive: [partition(0, { events: 1 })],
    });
    const current = totals(3000, {
      postgres: [
        partition(0, { records: 8, events: 5, latency: histogram(...early, 100, 100) }),
        partition(1, { records: 4, events: 2, latency: histogram(100, 100), latencyMsSum: 460 }),
      ],
      archive: [partition(0, { events: 4 })],
    });

    const frame = frameOf({ totals: current, previousTotals });

    expect(frame.receivedTotal).toBe(12);
    expect(frame.writtenTotal).toBe(7);
    expect(frame.eventsPerSecond).toEqual({ received: 3.5, stored: 2, archived: 1.5 });
    expect(frame.avgProcessingMs).toBe(late.reduce((sum, ms) => sum + ms, 0) / late.length);
    expect(frame.latencyMs.p50).toBeGreaterThanOrEqual(100);
    expect(frame.latencyMs.p50).toBeLessThanOrEqual(115);
    expect(frame.latencyMs.p99).toBe(frame.latencyMs.p50);
  });

  test("computeFrame() gives no rate and no latency when the reads are of two logs", () => {
    const before = totals(1000, { postgres: [partition(0, { records: 100, events: 100 })] }, 1);
    const after = totals(2000, { postgres: [partition(0, { records: 700, events: 700 })] }, 2);

    const frame = frameOf({ totals: after, previousTotals: before });

    expect(frame.receivedTotal).toBe(700);
    expect(frame.eventsPerSecond.received).toBe(0);
    expect(frame.avgProcessingMs).toBeNull();
    expect(frame.latencyMs).toEqual({ p50: null, p95: null, p99: null });
  });

  test("computeFrame() measures lag per partition and in sum when everything is known", () => {
    const frame = frameOf({
      totals: totals(1000, {
        postgres: [partition(0, { nextOffset: 90n }), partition(1, { nextOffset: 51n })],
        archive: [partition(0, { nextOffset: 70n }), partition(1, { nextOffset: 0n })],
      }),
      look: look({ 0: 100n, 1: 50n, 2: 0n }),
    });

    expect(frame.lag).toBe(10);
    expect(frame.partitions).toEqual([
      {
        partition: 0,
        highWatermark: "100",
        stored: "90",
        archived: "70",
        logStart: "0",
        lag: 10,
        archiveLag: 30,
        lagSeconds: null,
        archiveLagSeconds: null,
        nearsRetention: [],
        lostRecords: 0,
        stopped: null,
        owner: null,
        archiveOwner: null,
      },
      {
        partition: 1,
        highWatermark: "50",
        stored: "51",
        archived: "0",
        logStart: "0",
        lag: 0,
        archiveLag: 50,
        lagSeconds: 0,
        archiveLagSeconds: null,
        nearsRetention: [],
        lostRecords: 0,
        stopped: null,
        owner: null,
        archiveOwner: null,
      },
      {
        partition: 2,
        highWatermark: "0",
        stored: null,
        archived: null,
        logStart: "0",
        lag: 0,
        archiveLag: 0,
        lagSeconds: 0,
        archiveLagSeconds: 0,
        nearsRetention: [],
        lostRecords: 0,
        stopped: null,
        owner: null,
        archiveOwner: null,
      },
    ]);
  });

  test("computeFrame() gives null for lag when Kafka, PostgreSQL or one watermark is not known", () => {
    const known = totals(1000, { postgres: [partition(0, { nextOffset: 90n, events: 90 })] });

    const withoutKafka = frameOf({ totals: known });
    const withoutPostgres = frameOf({
      totals: known,
      isFresh: false,
      look: look({ 0: 100n }),
    });
    const withoutLeader = frameOf({ totals: known, look: look({ 0: 90n }, NOW_MS, 2) });
    const withoutAnything = frameOf({ isFresh: false });

    expect(withoutKafka).toMatchObject({ lag: null, partitions: [{ stored: "90", lag: null }] });
    expect(withoutPostgres).toMatchObject({
      lag: null,
      writtenTotal: 90,
      partitions: [{ highWatermark: "100", stored: null, lag: null, archiveLag: null }],
    });
    expect(withoutLeader).toMatchObject({ lag: null, partitions: [{ lag: 0 }, { lag: null }] });
    expect(withoutAnything).toMatchObject({ lag: null, partitions: [], completeUpTo: null });
  });

  test("computeFrame() counts all that the log holds as lag where a sink has no position yet", () => {
    const known = totals(1000, { postgres: [partition(0, { nextOffset: 90n })] });
    const whole = look({ 0: 100n, 1: 5n });
    const later = { low: 2n, high: 5n };
    const seen = { ...whole, byPartition: new Map([...whole.byPartition, [1, later]]) };

    const frame = frameOf({ totals: known, look: seen });
    const withoutArchive = frameOf({ totals: known, look: seen, archiveEnabled: false });

    expect(frame.lag).toBe(13);
    expect(frame.partitions).toMatchObject([
      { lag: 10, archiveLag: 100 },
      { stored: null, lag: 3, archiveLag: 3 },
    ]);
    expect(withoutArchive.partitions.map(({ archiveLag }) => archiveLag)).toEqual([null, null]);
    expect(frame.completeUpTo).toBeNull();
  });

  test("computeFrame() is complete up to the request for the watermark when nothing lags", () => {
    const at = NOW_MS - 20;

    const frame = frameOf({
      totals: totals(1000, {
        postgres: [partition(0, { nextOffset: 100n, lastReceivedAtMs: NOW_MS - 60_000 })],
      }),
      look: look({ 0: 100n, 1: 0n }, at),
    });

    expect(frame.completeUpTo).toBe(new Date(at).toISOString());
  });

  test("computeFrame() is complete up to the least last row when partitions lag", () => {
    const rows = [
      partition(0, { nextOffset: 10n, lastReceivedAtMs: NOW_MS - 3000 }),
      partition(1, { nextOffset: 10n, lastReceivedAtMs: NOW_MS - 5000 }),
      partition(2, { nextOffset: 10n, lastReceivedAtMs: NOW_MS - 90_000 }),
    ];

    const frame = frameOf({
      totals: totals(1000, { postgres: rows }),
      look: look({ 0: 11n, 1: 11n, 2: 10n }),
    });
    const withoutLeader = frameOf({
      totals: totals(1000, { postgres: rows }),
      look: look({ 0: 11n, 1: 11n }),
    });

    expect(frame.completeUpTo).toBe(new Date(NOW_MS - 5000).toISOString());
    expect(withoutLeader.completeUpTo).toBe(new Date(NOW_MS - 90_000).toISOString());
  });

  test("computeFrame() does not know completeness when a lagging partition has no row, but never moves it back", () => {
    const withoutRow = {
      totals: totals(1000, { postgres: [partition(0, { nextOffset: 0n })] }),
      look: look({ 0: 5n }),
    };

    const first = computeFrame(input(withoutRow));
    const later = computeFrame(input({ ...withoutRow, previousCompleteUpToMs: NOW_MS - 7000 }));

    expect(first.frame.completeUpTo).toBeNull();
    expect(later.frame.completeUpTo).toBe(new Date(NOW_MS - 7000).toISOString());
    expect(later.completeUpToMs).toBe(NOW_MS - 7000);
  });

  test("computeFrame() does not know completeness when a lagging partition's last row is from the future", () => {
    const rows = [partition(0, { nextOffset: 10n, lastReceivedAtMs: NOW_MS + 3_000_000 })];

    const frame = frameOf({
      totals: totals(1000, { postgres: rows }),
      look: look({ 0: 11n }),
    });

    expect(frame.completeUpTo).toBeNull();
  });

  test("computeFrame() is never complete beyond now when the clock was set back", () => {
    const frame = frameOf({ previousCompleteUpToMs: NOW_MS + 3_600_000 });

    expect(frame.completeUpTo).toBe(new Date(NOW_MS).toISOString());
  });

  test("computeFrame() shows ten event types and adds up the rest when there are more", () => {
    const many = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`type-${index}`, 100 - index]),
    );
    const rows = [partition(0, { eventTypes: { ...many, "": 7 } })];
    const more = partition(1, { eventTypes: { "type-11": 500, ["__proto__"]: 3, "": 1 } });

    const frame = frameOf({ totals: totals(1000, { postgres: [...rows, more] }) });

    expect(frame.eventTypes).toHaveLength(10);
    expect(frame.eventTypes[0]).toEqual({ eventType: "type-11", events: 589 });
    // type-9 and type-10, the one with the odd name, and what the positions counted as others.
    expect(frame.eventTypesOther).toBe(91 + 90 + 3 + 8);
  });

  test("computeFrame() adds archive, duplicates and dead letters over partitions, with the latest key", () => {
    const frame = frameOf({
      waiting: new Map([
        [0, { receivedAtMs: NOW_MS - 4500, seenAtMs: MONOTONIC_MS - 1000 }],
        [1, { receivedAtMs: NOW_MS - 2000, seenAtMs: MONOTONIC_MS - 1000 }],
      ]),
      totals: totals(1000, {
        postgres: [
          partition(0, { duplicates: 2, deadLetters: 2, deadLetterCodes: { record_corrupt: 2 } }),
          partition(1, { duplicates: 3, deadLetters: 1, deadLetterCodes: { id_conflict: 1 } }),
        ],
        archive: [
          partition(0, { objects: 2, events: 5, bytes: 50, lastKey: "events/2026/01/31/07/a" }),
          partition(1, { objects: 1, events: 1, bytes: 10, lastKey: "events/2026/01/31/06/z" }),
        ],
      }),
    });

    expect(frame.duplicates).toBe(5);
    expect(frame.deadLetters.total).toBe(3);
    expect({ ...frame.deadLetters.byCode }).toEqual({ record_corrupt: 2, id_conflict: 1 });
    expect(frame.archive).toEqual({
      enabled: true,
      objects: 3,
      events: 6,
      bytes: 60,
      oldestUnarchivedSeconds: 4.5,
      lastKey: "events/2026/01/31/07/a",
    });
  });

  test("computeFrame() shows why a partition waits for an operator, for either sink", () => {
    const frame = frameOf({
      totals: totals(1000, {
        postgres: [partition(0), partition(1, { stopped: "log_replaced" })],
        archive: [partition(0, { stopped: "archive_conflict" })],
      }),
    });

    expect(frame.partitions.map(({ stopped }) => stopped)).toEqual([
      "archive_conflict",
      "log_replaced",
    ]);
  });

  test("computeFrame() names who holds a partition, and how the last audit ended", () => {
    const rows = totals(1000, { postgres: [partition(0), partition(1)] });
    const lastAudit = { endedAtMs: Date.parse("2026-01-31T09:00:00.123Z"), problems: 2 };
    const owners = { postgres: new Map([[0, "host-a:7"]]), archive: new Map([[1, "host-b:8"]]) };

    const frame = frameOf({ totals: { ...rows, lastAudit }, owners });

    expect(frame.partitions.map(({ owner, archiveOwner }) => [owner, archiveOwner])).toEqual([
      ["host-a:7", null],
      [null, "host-b:8"],
    ]);
    expect(frame.lastAudit).toEqual({ at: "2026-01-31T09:00:00.123Z", problems: 2 });
    expect(frameOf({ totals: rows }).lastAudit).toBeNull();
  });
});
