/**
 * The log has lost records that the archive had not stored: rows replace them, on real servers.
 */
import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { digestOf } from "./lines.ts";
import {
  NEVER,
  addRows,
  archiveOfFile,
  expectOneObject,
  keep,
  lineIds,
  newBatch,
} from "./testing/archive.ts";
import type { ObjectStore } from "./object_store.ts";
import type { Batch } from "../pipeline/sink.ts";
import { idsOf } from "../pipeline/testing/sink_contract.ts";

const archive = archiveOfFile();

/** The batch as it is read once the log begins at an offset. */
function without(batch: Batch, logStart: bigint): Batch {
  return {
    ...batch,
    records: batch.records.filter(({ record }) => record.offset >= logStart),
    gaps: [{ firstOffset: batch.firstOffset, lastOffset: logStart - 1n }],
  };
}

/** Plans a batch and dies, before the upload or after it. */
async function planAndDie(batch: Batch, isUploaded: boolean): Promise<void> {
  const create: ObjectStore["create"] = async (object, signal) => {
    if (isUploaded) await archive.store.create(object, signal);
    throw new PipelineError("archive_unavailable", "Cannot create: killed");
  };
  await archive
    .newSink({ store: { ...archive.store, create } })
    .write(batch, NEVER)
    .catch(keep);
}

async function storedIds(partition: number): Promise<string[]> {
  const objects = await archive.objects(partition);
  return objects.flatMap(({ bytes }) => lineIds(bytes));
}

describe("write()", () => {
  test("write() makes lines from rows when the log has lost their records", async () => {
    const whole = await newBatch(archive, { count: 6 });
    await addRows(archive, whole);

    const written = await archive.newSink().write(without(whole, 4n), NEVER);

    expect(written).toMatchObject({ events: 6, already: false });
    expect(await storedIds(whole.partition)).toEqual(idsOf(whole));
  });

  test("write() gives a line made from a row all that its record had, also its context", async () => {
    const whole = await newBatch(archive, { count: 3 });
    await addRows(archive, whole);

    await archive.newSink().write(without(whole, 2n), NEVER);

    const [object] = await archive.objects(whole.partition);
    const lines = Buffer.from(object?.bytes ?? [])
      .toString()
      .split("\n")
      .slice(0, -1);
    const sent = whole.records.map(({ record }) => JSON.parse(String(record.value)) as object);
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual(sent);
    expect(sent.filter((event) => "context" in event)).toHaveLength(1);
    // The context is last, as ingest writes it.
    expect(lines[1]).toEndWith(',"context":{"source":"web-page"}}');
  });

  test("write() splits a long loss into objects that tile", async () => {
    const whole = await newBatch(archive, { count: 2300 });
    await addRows(archive, whole);
    const sink = archive.newSink();

    const written = await sink.write(without(whole, 2298n), NEVER);
    const again = await sink.write(without(whole, 2298n), NEVER);

    expect(written).toMatchObject({ events: 2300, already: false });
    expect(again).toMatchObject({ events: 0, already: true });
    expect(await archive.rows(whole.partition)).toMatchObject([
      { first_offset: "0", last_offset: "999", events: 1000 },
      { first_offset: "1000", last_offset: "1999", events: 1000 },
      { first_offset: "2000", last_offset: "2299", events: 300 },
    ]);
    expect((await storedIds(whole.partition)).toSorted()).toEqual(idsOf(whole).toSorted());
  });

  test("write() finishes a plan with rows when its records are lost and it has no object", async () => {
    const whole = await newBatch(archive);
    await addRows(archive, whole);
    await planAndDie(whole, false);
    const [planned] = await archive.rows(whole.partition);

    await archive.newSink().write({ ...without(whole, 3n), reason: "planned" }, NEVER);

    const [object] = await archive.objects(whole.partition);
    const [row] = await archive.rows(whole.partition);
    expect(await storedIds(whole.partition)).toEqual(idsOf(whole));
    expect(row).toMatchObject({ key: planned?.key ?? "", state: "stored" });
    expect(row?.sha256).not.toBe(planned?.sha256 ?? "");
    expect(row?.sha256).toBe(digestOf(object?.bytes ?? new Uint8Array()));
  });

  test("write() keeps the stored object of a plan when its records are lost", async () => {
    const whole = await newBatch(archive);
    await addRows(archive, whole);
    await planAndDie(whole, true);

    const lost: Batch = { ...without(whole, 4n), reason: "planned" };
    const written = await archive.newSink().write(lost, NEVER);

    expect(written).toMatchObject({ events: 4, already: false });
    await expectOneObject(archive, whole);
  });

  test("write() rejects with archive_conflict when records and rows of a plan are lost", async () => {
    const whole = await newBatch(archive);
    await planAndDie(whole, false);

    const lost: Batch = { ...without(whole, 2n), reason: "planned" };
    const error = await archive.newSink().write(lost, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_conflict" });
  });

  test("write() reads no rows where the rows have the same gap", async () => {
    const whole = await newBatch(archive);
    // Rows that would be taken if they were looked for.
    await addRows(archive, whole);
    await archive.sql`
      insert into offset_gaps (sink, log, partition, first_offset, last_offset, offsets)
      values ('postgres', ${archive.topicLog.logNumber}, ${whole.partition}, 0, 1, 2)`;

    const written = await archive.newSink().write(without(whole, 2n), NEVER);

    expect(written.events).toBe(2);
    expect(await storedIds(whole.partition)).toEqual(idsOf(whole).slice(2));
  });
});
