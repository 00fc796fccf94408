/** Plan, upload and confirm against a real PostgreSQL and a real S3 server, step by step. */
import { describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { digestOf } from "./lines.ts";
import {
  NEVER,
  addDeadLetter,
  addDuplicate,
  archiveOfFile,
  keep,
  lineIds,
  newBatch,
  newPartition,
  valuesOf,
} from "./testing/archive.ts";
import { planObjects, type PlannedObject } from "./plan.ts";
import { LazyRecord } from "../pipeline/lazy_record.ts";
import type { Batch } from "../pipeline/sink.ts";
import { idsOf, testBatch } from "../pipeline/testing/sink_contract.ts";

const archive = archiveOfFile();

describe("write()", () => {
  test("write() stores the records' values as lines under the planned key", async () => {
    const batch = await newBatch(archive);
    const { partition } = batch;

    const written = await archive.newSink().write(batch, NEVER);

    expect(written).toEqual({ batch, events: 4, duplicates: 0, deadLetters: [], already: false });
    const key = `${archive.config.archive.keyPrefix}/2026/01/31/07/events-1769843612345-p${partition}-00000000000000000000.json`;
    const content = valuesOf(batch);
    const sha256 = digestOf(content);
    expect(await archive.objects(partition)).toEqual([{ key, bytes: Uint8Array.from(content) }]);
    expect(await archive.store.readDigest(key, NEVER)).toBe(sha256);
    const row = { first_offset: "0", last_offset: "3", key, format: "json", state: "stored" };
    const totals = { events: 4, bytes: content.length, sha256 };
    expect(await archive.rows(partition)).toEqual([{ ...row, ...totals }]);
  });

  test("write() adds up the totals of the position", async () => {
    const batch = await newBatch(archive);
    const next = testBatch({ partition: batch.partition, firstOffset: 4n, count: 2 });
    await archive.setRows(batch.partition, 6n);
    const sink = archive.newSink();

    await sink.write(batch, NEVER);
    await sink.write(next, NEVER);
    await sink.write(next, NEVER);

    const [row] = await archive.sql`
      select next_offset::text, planned_to::text, records::int, events::int, objects::int, bytes::int, last_key, last_received_at
      from positions where sink = 'archive' and partition = ${batch.partition}`;
    expect(row).toEqual({
      next_offset: "6",
      planned_to: "6",
      records: 6,
      events: 6,
      objects: 2,
      bytes: valuesOf(batch).length + valuesOf(next).length,
      last_key: (await archive.rows(batch.partition)).at(-1)?.key,
      last_received_at: new Date("2026-01-31T07:13:32.345Z"),
    });
  });

  test("write() leaves out duplicates and dead letters", async () => {
    const batch = await newBatch(archive);
    await addDuplicate(archive, batch, 1n);
    await addDeadLetter(archive, batch, 2n);

    const written = await archive.newSink().write(batch, NEVER);

    expect(written.events).toBe(2);
    const [object] = await archive.objects(batch.partition);
    const ids = idsOf(batch);
    expect(lineIds(object?.bytes ?? new Uint8Array())).toEqual([ids[0] ?? "", ids[3] ?? ""]);
  });

  test("write() stores what decoding makes of a record, whatever the rows' pipeline has noted", async () => {
    const batch = await newBatch(archive);
    const { partition } = batch;
    // Canonical except for a leading blank.
    const foreign = batch.records.map(({ record }, index) => {
      const value = index === 1 ? Buffer.from(` ${record.value}`) : record.value;
      return new LazyRecord({ ...record, value }, archive.topicLog.topicId);
    });
    const sink = archive.newSink();

    sink.rowsWritten({ ...batch, records: foreign });
    await sink.write({ ...batch, records: foreign }, NEVER);

    const [object] = await archive.objects(partition);
    expect(Buffer.from(object?.bytes ?? "").toString()).toBe(valuesOf(batch).toString());
  });

  test("write() confirms a range without lines and stores no object", async () => {
    const batch = await newBatch(archive, { count: 2 });
    await addDuplicate(archive, batch, 0n);
    await addDeadLetter(archive, batch, 1n);

    const written = await archive.newSink().write(batch, NEVER);

    expect(written).toMatchObject({ events: 0, already: false });
    expect(await archive.objects(batch.partition)).toEqual([]);
    expect(await archive.rows(batch.partition)).toMatchObject([
      { key: null, last_offset: "1", events: 0, bytes: 0, state: "stored" },
    ]);
    expect((await archive.newSink().open(batch.partition)).nextOffset).toBe(2n);
  });

  test("write() notes gaps of the log once", async () => {
    const { records, ...batch } = await newBatch(archive, { firstOffset: 3n });
    const gapped: Batch = {
      ...batch,
      firstOffset: 0n,
      records,
      gaps: [{ firstOffset: 0n, lastOffset: 2n }],
    };

    await archive.newSink().write(gapped, NEVER);
    await archive.newSink().write(gapped, NEVER);

    const gaps = await archive.sql`
      select sink, first_offset::text, last_offset::text from offset_gaps
      where partition = ${batch.partition}`;
    expect([...gaps]).toEqual([{ sink: "archive", first_offset: "0", last_offset: "2" }]);
    expect(await archive.rows(batch.partition)).toMatchObject([
      { first_offset: "0", last_offset: "6" },
    ]);
  });

  test("write() compresses when configured, and digests the lines", async () => {
    const batch = await newBatch(archive);
    const sink = archive.newSink({ env: { ARCHIVE_COMPRESSION: "gzip" } });

    await sink.write(batch, NEVER);

    const [object] = await archive.objects(batch.partition);
    expect(object?.key).toEndWith(".json.gz");
    expect(gunzipSync(object?.bytes ?? "").equals(valuesOf(batch))).toBeTrue();
    const digest = await archive.store.readDigest(object?.key ?? "", NEVER);
    expect(digest).toBe(digestOf(valuesOf(batch)));
  });

  test("write() waits until PostgreSQL holds the whole range", async () => {
    const batch = testBatch({ partition: newPartition(), firstOffset: 0n, count: 4 });
    const sink = archive.newSink();
    await sink.begin(batch.partition, 0n);
    await archive.setRows(batch.partition, 3n);
    // All connections are open, so that the write below is not late for another reason.
    const { connections } = archive.config.database;
    await Promise.all(
      Array.from({ length: connections }, () => archive.sql`select pg_sleep(0.01)`),
    );
    let isWritten = false;
    const writing = sink.write(batch, NEVER).then(() => (isWritten = true));

    // Another partition's write completes, so the first one had time to complete, too.
    await sink.write(await newBatch(archive), NEVER);
    const before = { isWritten, rows: await archive.rows(batch.partition) };
    await archive.setRows(batch.partition, batch.nextOffset);
    sink.rowsWritten(batch);
    await writing;

    expect(before).toEqual({ isWritten: false, rows: [] });
    const objects = await archive.objects(batch.partition);
    expect(objects.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      valuesOf(batch).toString(),
    ]);
  });
});

/** As a failover to a standby does that had not received the last writes. */
async function loseRows(partition: number, nextOffset: bigint): Promise<void> {
  await archive.sql`
    update positions set next_offset = ${String(nextOffset)}
    where sink = 'postgres' and log = ${archive.topicLog.logNumber} and partition = ${partition}`;
}

describe("after PostgreSQL has lost rows", () => {
  test("write() makes no line of a record that nobody has judged, and waits for the rows", async () => {
    const batch = await newBatch(archive);
    const { partition } = batch;
    const sink = archive.newSink();
    sink.rowsWritten(batch);
    await loseRows(partition, 2n);

    const error = await sink.write(batch, NEVER).catch(keep);
    const before = [await archive.rows(partition), await archive.objects(partition)];
    await sink.open(partition);
    const writing = sink.write(batch, NEVER);
    await addDuplicate(archive, batch, 3n);
    await archive.setRows(partition, batch.nextOffset);
    const written = await writing;

    expect(error).toMatchObject({ code: "position_moved" });
    expect(before).toEqual([[], []]);
    expect(written).toMatchObject({ events: 3, already: false });
    const [object] = await archive.objects(partition);
    expect(lineIds(object?.bytes ?? new Uint8Array())).toEqual(idsOf(batch).slice(0, 3));
  });

  test("planObjects() plans a range whose rows it needs only once they are there again", async () => {
    const { partition } = await newBatch(archive);
    const place = { logNumber: archive.topicLog.logNumber, partition };
    const range: PlannedObject = {
      firstOffset: 0n,
      nextOffset: 4n,
      key: "events/a.json",
      format: "json",
      encoder: 1,
      events: 4,
      bytes: 1,
      sha256: "00",
    };
    const plan = () => planObjects(archive.sql, place, { ranges: [range], needRows: true });
    await loseRows(partition, 3n);

    const without = await plan();
    await archive.setRows(partition, 4n);
    const withRows = await plan();

    expect([without, withRows]).toEqual([false, true]);
    expect(await archive.rows(partition)).toHaveLength(1);
  });
});
