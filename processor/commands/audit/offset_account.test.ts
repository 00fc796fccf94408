import { describe, expect, test } from "bun:test";

import { Ledger } from "./ledger.ts";
import type { Entry } from "./entries.ts";
import { EXAMPLES_MAX, Findings } from "./findings.ts";
import { OffsetAccount, type Pruned } from "./offset_account.ts";

const HOUR_MS = 3_600_000;

function row(offset: bigint, receivedAtMs = 0): Entry {
  const eventId = `e${offset}`;
  const stored = { eventId, offset, sessionId: "s", eventType: "t", payload: null, source: null };
  return {
    kind: "row",
    firstOffset: offset,
    lastOffset: offset,
    eventId,
    row: { ...stored, tsMs: receivedAtMs, receivedAtMs },
  };
}

function other(kind: Entry["kind"], firstOffset: bigint, lastOffset = firstOffset): Entry {
  return { kind, firstOffset, lastOffset, eventId: null, row: null };
}

const NONE_PRUNED: Pruned = { to: 0n, duplicates: 0 };

function account(
  firstOffset: bigint | null,
  nextOffset: bigint,
  entries: readonly Entry[],
  pruned = NONE_PRUNED,
) {
  const [ledger, findings] = [new Ledger(), new Findings()];
  const place = { log: 1, topic: "events", partition: 3 };
  const offsets = new OffsetAccount({
    place,
    firstOffset,
    nextOffset,
    pruned,
    ledger,
    findings,
  });
  for (const entry of entries) offsets.take(entry);
  offsets.end();
  const problems = findings.list().map(({ kind, total, examples }) => ({ kind, total, examples }));
  return { begin: offsets.firstOffset, total: ledger.total(), hours: ledger.hours(), problems };
}

describe("OffsetAccount", () => {
  test("OffsetAccount adds up when each offset has one entry", () => {
    const entries = [
      row(0n),
      other("duplicate", 1n),
      other("gap", 2n, 6n),
      other("dead letter", 7n),
    ];

    const { total, problems, begin } = account(0n, 8n, entries);

    expect(problems).toEqual([]);
    expect(total).toMatchObject({ inLog: 8, rows: 1, duplicates: 1, deadLetters: 1, gaps: 5 });
    expect(begin).toBe(0n);
  });

  test("OffsetAccount counts missing offsets as cleaned-up duplicates, up to their number", () => {
    const entries = [row(0n), row(3n), row(6n)];
    const pruned = (to: bigint, duplicates: number | null) =>
      account(0n, 7n, entries, { to, duplicates });

    const [right, wrong, beyond, part] = [
      pruned(6n, 4),
      pruned(6n, 3),
      pruned(5n, 4),
      pruned(6n, null),
    ];

    expect(right).toMatchObject({ problems: [], total: { inLog: 7, rows: 3, duplicates: 4 } });
    expect(wrong.problems).toMatchObject([
      { kind: "missing_row", total: 1, examples: [{ offset: "1", lastOffset: "5" }] },
    ]);
    expect(wrong.total).toMatchObject({ inLog: 7, duplicates: 3, missing: 1 });
    expect(beyond.problems).toMatchObject([{ kind: "missing_row", examples: [{ offset: "5" }] }]);
    expect(part.problems).toEqual([]);
  });

  test.each<[string, Entry[], string, string | undefined, number]>([
    ["first", [row(2n), row(3n), row(4n)], "1", undefined, 1],
    ["in between", [row(1n), row(4n)], "2", "3", 2],
    ["last", [row(1n), row(2n), row(3n)], "4", undefined, 1],
    ["all", [], "1", "4", 4],
  ])("OffsetAccount names the offsets when the %s are missing", (_, entries, from, to, count) => {
    const { problems, total } = account(1n, 5n, entries);

    expect(problems).toMatchObject([{ kind: "missing_row", total: count }]);
    const [example] = problems[0]?.examples ?? [];
    expect([example?.partition, example?.offset, example?.lastOffset]).toEqual([3, from, to]);
    expect(total).toMatchObject({ inLog: 4, missing: count });
  });

  test("OffsetAccount finds an offset twice when two entries account for it", () => {
    const { problems, total } = account(0n, 3n, [
      row(0n),
      row(1n),
      other("duplicate", 1n),
      row(2n),
    ]);

    expect(problems).toMatchObject([
      { kind: "offset_twice", examples: [{ offset: "1", detail: "row e1 and a duplicate" }] },
    ]);
    expect(total).toMatchObject({ inLog: 3, rows: 3, duplicates: 1 });
  });

  test("OffsetAccount counts each offset when a gap covers rows", () => {
    const { problems } = account(0n, 5n, [row(0n), other("gap", 1n, 4n), row(2n), row(3n)]);

    expect(problems).toMatchObject([{ kind: "offset_twice", total: 2 }]);
  });

  test("OffsetAccount begins at the first entry when the start is unknown or too high", () => {
    const entries = [row(7n), row(8n)];

    expect([account(null, 9n, entries), account(8n, 9n, entries)]).toMatchObject([
      { begin: 7n, problems: [], total: { inLog: 2 } },
      { begin: 7n, problems: [], total: { inLog: 2 } },
    ]);
  });

  test("OffsetAccount keeps few examples and counts all when many are missing", () => {
    const entries = Array.from({ length: 100 }, (_, index) => row(BigInt(index * 2)));

    const { problems } = account(0n, 199n, entries);

    expect(problems).toMatchObject([{ kind: "missing_row", total: 99 }]);
    expect(problems[0]?.examples).toHaveLength(EXAMPLES_MAX);
  });

  test("OffsetAccount counts in the hour of the row before, and of the first when there is none", () => {
    const entries = [
      other("duplicate", 0n),
      row(1n, HOUR_MS),
      other("gap", 2n),
      row(3n, 2 * HOUR_MS),
      other("dead letter", 4n),
    ];

    const { hours } = account(0n, 5n, entries);

    expect(hours).toMatchObject([
      { hour: "1970-01-01T01", inLog: 3, rows: 1, duplicates: 1, gaps: 1, deadLetters: 0 },
      { hour: "1970-01-01T02", inLog: 2, rows: 1, duplicates: 0, gaps: 0, deadLetters: 1 },
    ]);
  });
});
