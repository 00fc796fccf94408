/** The ledger adds up, and says so when it does not. */
import { expect, test } from "bun:test";
import { fakeFrame, fakePartition } from "../../testing/fake_frame.ts";
import { ledgerOf } from "./ledger.ts";

const whole = fakeFrame({
  partitions: [
    fakePartition(0, { highWatermark: "110", stored: "100", lag: 10, archiveLag: 30 }),
    fakePartition(1, { highWatermark: "50", stored: "50", archiveLag: 0 }),
  ],
  lag: 10,
  receivedTotal: 147,
  writtenTotal: 140,
  duplicates: 5,
  deadLetters: { total: 2, byCode: {} },
  archive: { ...fakeFrame().archive, events: 122 },
  gaps: { skipped: 2, lost: 1 },
  lostRecords: 1,
});

test("ledgerOf() accounts for every offset of the log", () => {
  const ledger = ledgerOf(whole);

  expect(ledger).toEqual({
    inLog: 160,
    notRead: 10,
    gaps: 2,
    lost: 1,
    lostOpen: 1,
    unaccounted: 0,
    read: 147,
    rows: 140,
    duplicates: 5,
    deadLetters: 2,
    isReadWhole: true,
    archive: { lines: 122, toArchive: 18, isWhole: true },
  });
  const { inLog, notRead, gaps, lost, read } = ledger;
  expect((inLog ?? 0) - (notRead ?? 0) - (gaps ?? 0) - (lost ?? 0)).toBe(read);
});

test("ledgerOf() says what does not add up", () => {
  expect(ledgerOf({ ...whole, duplicates: 4 }).isReadWhole).toBe(false);
  expect(ledgerOf({ ...whole, gaps: { skipped: 1, lost: 1 } }).unaccounted).toBe(1);
  expect(ledgerOf({ ...whole, receivedTotal: 150 }).unaccounted).toBe(-3);
  const caughtUp = whole.partitions.map((partition) => ({ ...partition, archiveLag: 0 }));
  expect(ledgerOf({ ...whole, partitions: caughtUp }).archive?.isWhole).toBe(false);
  expect(ledgerOf({ ...whole, archive: { ...whole.archive, events: 141 } }).archive?.isWhole).toBe(
    false,
  );
});

test("ledgerOf() has no figure for what is not known", () => {
  const partitions = [fakePartition(0, { highWatermark: null, stored: null, lag: null })];

  expect(ledgerOf({ ...whole, partitions, lag: null })).toMatchObject({
    inLog: null,
    notRead: null,
    unaccounted: null,
  });
  // A processor of an older version does not count gaps: they are no remainder.
  const { gaps: _, ...older } = whole;
  expect(ledgerOf(older)).toMatchObject({ gaps: null, lost: null, unaccounted: null });
  expect(ledgerOf({ ...whole, gaps: null })).toMatchObject({ gaps: null, unaccounted: null });
});
