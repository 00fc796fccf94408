/** The database is older than the bucket, as after a restore from a dump, on real servers. */
import { describe, expect, test } from "bun:test";
import { NEVER, addDuplicate, archiveOfFile, keep, lineIds, newBatch } from "./testing/archive.ts";
import type { KeyRange, ObjectStore } from "./object_store.ts";
import { LazyRecord } from "../pipeline/lazy_record.ts";
import { registerLog } from "../pipeline/positions.ts";
import type { Batch } from "../pipeline/sink.ts";
import { idsOf, testBatch } from "../pipeline/testing/sink_contract.ts";

const archive = archiveOfFile();

function slice(batch: Batch, from: bigint, to: bigint, reason: Batch["reason"] = "age"): Batch {
  const records = batch.records.slice(Number(from), Number(to));
  return { ...batch, firstOffset: from, nextOffset: to, records, reason };
}

/** A log of ten records, split at these offsets, whose ranges are stored. */
async function storedLog(cuts: readonly bigint[], excluded: readonly bigint[] = []) {
  const log = await newBatch(archive, { count: 10 });
  for (const offset of excluded) await addDuplicate(archive, log, offset);
  const sink = archive.newSink();
  for (const [index, from] of [0n, ...cuts].entries()) {
    await sink.write(slice(log, from, cuts[index] ?? 10n), NEVER);
  }
  return log;
}

/** Makes the database forget all ranges from an offset on. */
async function restore({ partition }: Batch, offset: bigint): Promise<void> {
  await archive.sql`
    delete from archive_objects
    where partition = ${partition} and first_offset >= ${String(offset)}`;
  await archive.sql`
    update positions set next_offset = ${String(offset)}, planned_to = ${String(offset)},
      last_hash = null, records = 0, events = 0, objects = 0, bytes = 0
    where sink = 'archive' and partition = ${partition}`;
}

/** Writes ten records as a pipeline would: planned ranges as planned, then what is left. */
async function writeAll(log: Batch, sink = archive.newSink()): Promise<void> {
  let moves = 0;
  while (moves < 5) {
    const { nextOffset, plannedLastOffsets } = await sink.open(log.partition);
    let from = nextOffset ?? 0n;
    try {
      for (const last of plannedLastOffsets) {
        await sink.write(slice(log, from, last + 1n, "planned"), NEVER);
        from = last + 1n;
      }
      if (from < 10n) await sink.write(slice(log, from, 10n), NEVER);
      return;
    } catch (error) {
      expect(error).toMatchObject({ code: "position_moved" });
      moves += 1;
    }
  }
  throw new Error("Cannot write the log: its position moves all the time");
}

async function storedIds({ partition }: Batch): Promise<string[]> {
  const objects = await archive.objects(partition);
  return objects.flatMap(({ bytes }) => lineIds(bytes));
}

describe("write()", () => {
  test.each([
    ["all of them", 0n],
    ["the last two", 4n],
    ["the last one", 6n],
  ])("write() takes over objects that the database does not know: %s", async (_, offset) => {
    const log = await storedLog([4n, 6n]);
    const before = await archive.objects(log.partition);
    await restore(log, offset);

    await writeAll(log);

    expect(await archive.objects(log.partition)).toEqual(before);
    expect((await storedIds(log)).toSorted()).toEqual(idsOf(log).toSorted());
    expect(await archive.rows(log.partition)).toMatchObject([
      { first_offset: "0", last_offset: "3", state: "stored" },
      { first_offset: "4", last_offset: "5", state: "stored" },
      { first_offset: "6", last_offset: "9", state: "stored" },
    ]);
  });

  test("write() counts what it takes over", async () => {
    const log = await storedLog([4n, 6n], [7n]);
    await restore(log, 0n);

    await writeAll(log);

    const [row] = await archive.sql`
      select records::int, events::int, objects::int from positions
      where sink = 'archive' and partition = ${log.partition}`;
    expect(row).toEqual({ records: 10, events: 9, objects: 3 });
  });

  test("write() gives no line a second object where a range had none to write", async () => {
    const log = await storedLog([4n, 6n], [4n, 5n]);
    const before = await archive.objects(log.partition);
    await restore(log, 4n);

    await writeAll(log);

    expect(before).toHaveLength(2);
    expect(await archive.objects(log.partition)).toEqual(before);
    expect(await archive.rows(log.partition)).toMatchObject([
      { first_offset: "0", last_offset: "3" },
      { first_offset: "4", last_offset: "5", key: null, state: "stored" },
      { first_offset: "6", last_offset: "9", state: "stored" },
    ]);
  });

  test("write() continues after the objects that it has taken over", async () => {
    const log = await storedLog([4n]);
    const [, last] = await archive.objects(log.partition);
    await archive.bucket.delete(last?.key ?? "");
    await restore(log, 0n);

    await writeAll(log);

    expect((await storedIds(log)).toSorted()).toEqual(idsOf(log).toSorted());
  });

  test("write() rejects with archive_conflict when an object's metadata does not describe its range", async () => {
    const log = await storedLog([4n]);
    const [, last] = await archive.objects(log.partition);
    await archive.bucket.write(last?.key ?? "", last?.bytes ?? "");
    await restore(log, 4n);

    const error = await archive
      .newSink()
      .write(slice(log, 4n, 10n), NEVER)
      .catch(keep);

    expect(error).toMatchObject({ code: "archive_conflict" });
    expect((error as Error).message).toContain("metadata");
  });

  test("write() rejects with archive_conflict when the log gives other lines", async () => {
    const log = await storedLog([4n]);
    await restore(log, 0n);
    await addDuplicate(archive, log, 1n);
    const sink = archive.newSink();
    await sink.write(slice(log, 0n, 10n), NEVER).catch(keep);

    const error = await sink.write(slice(log, 0n, 4n, "planned"), NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_conflict" });
  });

  test("write() rejects with archive_conflict when Kafka lost what the dump lacks", async () => {
    const log = await storedLog([4n]);
    await restore(log, 4n);
    await archive.sql`
      insert into offset_gaps (sink, log, partition, first_offset, last_offset, offsets)
      values ('postgres', ${archive.topicLog.logNumber}, ${log.partition}, 4, 6, 3)`;
    const left = { ...slice(log, 7n, 10n), firstOffset: 4n };
    const lost: Batch = { ...left, gaps: [{ firstOffset: 4n, lastOffset: 6n }] };
    const sink = archive.newSink();
    const first = await sink.write(lost, NEVER).catch(keep);

    const error = await sink.write({ ...lost, reason: "planned" }, NEVER).catch(keep);

    expect(first).toMatchObject({ code: "position_moved" });
    expect(error).toMatchObject({ code: "archive_conflict" });
  });

  test("write() leaves objects of another log of the topic alone", async () => {
    const old = await storedLog([4n]);
    const topicLog = await registerLog(archive.sql, archive.topicLog.topic, "a-later-topic-id");
    await archive.sql`
      insert into positions (sink, log, partition, next_offset, planned_to)
      values ('postgres', ${topicLog.logNumber}, ${old.partition}, 4, 4)`;
    const timestampMs = Date.parse("2026-01-31T07:13:33.000Z");
    const later = testBatch({ partition: old.partition, firstOffset: 0n, count: 4, timestampMs });
    const sink = archive.newSink({ topicLog });
    await sink.begin(old.partition, 0n);

    const written = await sink.write(later, NEVER);

    expect(written).toMatchObject({ events: 4, already: false });
    expect(await archive.objects(old.partition)).toHaveLength(3);
  });

  test.each([
    ["all of them", 0],
    ["the first of them", 9],
  ])(
    "write() takes over objects of records without a time, and does not list the bucket: %s",
    async (_, timed) => {
      const wanted = await newBatch(archive, { count: 10 });
      const records = wanted.records.map(({ record }, index) => {
        const timestampMs = index < 10 - timed ? -1 : record.timestampMs;
        return new LazyRecord({ ...record, timestampMs }, archive.topicLog.topicId);
      });
      const log: Batch = { ...wanted, records };
      const sink = archive.newSink();
      await sink.write(slice(log, 0n, 4n), NEVER);
      await sink.write(slice(log, 4n, 10n), NEVER);
      const before = await archive.objects(log.partition);
      await restore(log, 0n);
      const ranges: KeyRange[] = [];
      const list: ObjectStore["list"] = (range, signal) => {
        ranges.push(range);
        return archive.store.list(range, signal);
      };

      await writeAll(log, archive.newSink({ store: { ...archive.store, list } }));

      expect(before).toHaveLength(2);
      expect(await archive.objects(log.partition)).toEqual(before);
      const { keyPrefix } = archive.config.archive;
      const hour = timed === 0 ? "1970/01/01/00" : "2026/01/31/07";
      expect(ranges.slice(0, 2)).toEqual([
        {
          prefix: `${keyPrefix}/1970/01/01/00/events-0000000000000-p${log.partition}-`,
          after: expect.stringContaining(`-p${log.partition}-00000000000000000000`),
        },
        { prefix: `${keyPrefix}/`, after: expect.stringContaining(`/${hour}/`) },
      ]);
    },
  );

  test("write() lists the bucket once after a partition was opened", async () => {
    const log = await newBatch(archive, { count: 10 });
    let listings = 0;
    const list: ObjectStore["list"] = (range, signal) => {
      listings += 1;
      return archive.store.list(range, signal);
    };
    const sink = archive.newSink({ store: { ...archive.store, list } });

    await sink.write(slice(log, 0n, 4n), NEVER);
    await sink.write(slice(log, 4n, 6n), NEVER);
    await sink.open(log.partition);
    await sink.write(slice(log, 6n, 10n), NEVER);

    expect(listings).toBe(2);
  });
});
