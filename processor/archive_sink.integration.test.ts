/** Plan, upload and confirm against a real PostgreSQL and a real S3 server, with a crash at every step. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PipelineError, loadConfig } from "@tally/shared";
import { gunzipSync } from "node:zlib";
import { digestOf } from "./archive_extent.ts";
import {
  START_MS_MAX,
  addDeadLetter,
  addDuplicate,
  lineIds,
  testArchive,
  type TestArchive,
} from "./archive_testing.ts";
import { createArchiveStore, type ObjectStore } from "./object_store.ts";
import type { Batch } from "./sink.ts";
import { idsOf, testBatch } from "./sink_contract.ts";

const NEVER = new AbortController().signal;
const keep = (error: unknown) => error;
let archive: TestArchive;
let partitions = 0;

beforeAll(async () => {
  archive = await testArchive();
}, START_MS_MAX);
afterAll(() => archive.close());

/** A batch whose rows are stored, at the start of a partition that no other test uses. */
async function newBatch(wanted: Partial<Parameters<typeof testBatch>[0]> = {}): Promise<Batch> {
  const batch = testBatch({ partition: partitions++, firstOffset: 0n, count: 4, ...wanted });
  await archive.newSink().begin(batch.partition, 0n);
  await archive.setRows(batch.partition, batch.nextOffset);
  return batch;
}

/** The test's store with some calls replaced. */
function storeWith(changes: Partial<ObjectStore>): ObjectStore {
  return { ...archive.store, ...changes };
}

function valuesOf({ records }: Batch): Buffer {
  return Buffer.concat(records.flatMap(({ record }) => [record.value ?? "", "\n"].map(toBytes)));
}
const toBytes = (value: Buffer | string) => Buffer.from(value);

describe("write()", () => {
  test("write() stores the records' values as lines under the planned key", async () => {
    const batch = await newBatch();
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
    const batch = await newBatch();
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
    const batch = await newBatch();
    await addDuplicate(archive, batch, 1n);
    await addDeadLetter(archive, batch, 2n);

    const written = await archive.newSink().write(batch, NEVER);

    expect(written.events).toBe(2);
    const [object] = await archive.objects(batch.partition);
    const ids = idsOf(batch);
    expect(lineIds(object?.bytes ?? new Uint8Array())).toEqual([ids[0] ?? "", ids[3] ?? ""]);
  });

  test("write() confirms a range without lines and stores no object", async () => {
    const batch = await newBatch({ count: 2 });
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
    const { records, ...batch } = await newBatch({ firstOffset: 3n });
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

  test("write() packs when the options say so, and digests the lines", async () => {
    const batch = await newBatch();
    const sink = archive.newSink({ env: { ARCHIVE_COMPRESSION: "gzip" } });

    await sink.write(batch, NEVER);

    const [object] = await archive.objects(batch.partition);
    expect(object?.key).toEndWith(".json.gz");
    expect(gunzipSync(object?.bytes ?? "").equals(valuesOf(batch))).toBeTrue();
    const digest = await archive.store.readDigest(object?.key ?? "", NEVER);
    expect(digest).toBe(digestOf(valuesOf(batch)));
  });

  test("write() waits until PostgreSQL holds the whole range", async () => {
    const batch = testBatch({ partition: partitions++, firstOffset: 0n, count: 4 });
    const sink = archive.newSink();
    await sink.begin(batch.partition, 0n);
    await archive.setRows(batch.partition, 3n);
    let isWritten = false;
    const writing = sink.write(batch, NEVER).then(() => (isWritten = true));

    // Another partition's write goes through meanwhile: the first one had its chance.
    await sink.write(await newBatch(), NEVER);
    const before = { isWritten, rows: await archive.rows(batch.partition) };
    sink.rowsWritten(batch.partition, 4n);
    await writing;

    expect(before).toEqual({ isWritten: false, rows: [] });
    expect(await archive.objects(batch.partition)).toHaveLength(1);
  });
});

describe("a crash", () => {
  test("write() plans the same again when the owner died before the plan", async () => {
    const batch = await newBatch();
    const aborted = await archive.newSink().write(batch, AbortSignal.abort()).catch(keep);

    await archive.newSink().write(batch, NEVER);

    expect(aborted).toMatchObject({ code: "position_moved" });
    await expectOneObject(batch);
  });

  test("write() finishes the plan when the owner died before the upload", async () => {
    const batch = await newBatch();
    const create = async () => {
      throw new PipelineError("archive_unavailable", "Cannot create: killed");
    };
    const sink = archive.newSink({ store: storeWith({ create }) });
    await sink.write(batch, NEVER).catch(keep);
    const [planned] = await archive.rows(batch.partition);

    const opened = await archive.newSink().open(batch.partition);
    // Options have changed since: the plan's key and format win.
    const env = { ARCHIVE_COMPRESSION: "gzip", ARCHIVE_KEY_PREFIX: "elsewhere" };
    await archive.newSink({ env }).write(batch, NEVER);

    expect(planned).toMatchObject({ state: "planned", format: "json" });
    expect(opened).toMatchObject({ nextOffset: 0n, plannedLastOffsets: [3n] });
    await expectOneObject(batch);
    expect((await archive.rows(batch.partition))[0]?.key).toBe(planned?.key ?? "");
  });

  test("write() adopts the object when the owner died before the confirmation", async () => {
    const batch = await newBatch();
    const create: ObjectStore["create"] = async (object, signal) => {
      await archive.store.create(object, signal);
      throw new PipelineError("archive_unavailable", "Cannot create: killed after it was stored");
    };
    const sink = archive.newSink({ store: storeWith({ create }) });
    await sink.write(batch, NEVER).catch(keep);
    const before = await archive.rows(batch.partition);

    await archive.newSink().write(batch, NEVER);

    expect(before).toMatchObject([{ state: "planned" }]);
    await expectOneObject(batch);
  });

  test("write() says already when the frozen owner wakes up after the confirmation", async () => {
    const batch = await newBatch();
    const uploading = Promise.withResolvers<void>();
    const frozen = Promise.withResolvers<void>();
    const create: ObjectStore["create"] = async (object, signal) => {
      uploading.resolve();
      await frozen.promise;
      return await archive.store.create(object, signal);
    };
    const late = archive.newSink({ store: storeWith({ create }) }).write(batch, NEVER);
    await uploading.promise;
    await archive.newSink().write(batch, NEVER);

    frozen.resolve();

    expect(await late).toMatchObject({ already: true, events: 0 });
    await expectOneObject(batch);
  });

  test("write() lets one plan win when two owners cut the log differently", async () => {
    const short = await newBatch();
    const { partition } = short;
    const long: Batch = testBatch({ partition, firstOffset: 0n, count: 6, eventIds: idsOf(short) });
    await archive.setRows(partition, 6n);

    // Whoever has planned uploads only when the other one has lost.
    const lost = Promise.withResolvers<void>();
    const create: ObjectStore["create"] = async (object, signal) => {
      await lost.promise;
      return await archive.store.create(object, signal);
    };
    const store = storeWith({ create });

    const outcomes = await Promise.all(
      [short, long].map(async (batch) => {
        const outcome = await archive.newSink({ store }).write(batch, NEVER).catch(keep);
        lost.resolve();
        return outcome;
      }),
    );

    const codes = outcomes.map((outcome) => (outcome as Partial<PipelineError>).code ?? "written");
    expect(codes.toSorted()).toEqual(["position_moved", "written"]);
    expect(await archive.rows(partition)).toHaveLength(1);
    expect(await archive.objects(partition)).toHaveLength(1);
  });

  test("write() rejects with archive_conflict when the log no longer gives the planned lines", async () => {
    const batch = await newBatch();
    const create = async () => {
      throw new PipelineError("archive_unavailable", "Cannot create: killed");
    };
    await archive
      .newSink({ store: storeWith({ create }) })
      .write(batch, NEVER)
      .catch(keep);
    const other = testBatch({ partition: batch.partition, firstOffset: 0n, count: 4 });

    const error = await archive.newSink().write(other, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_conflict" });
    expect(await archive.objects(batch.partition)).toEqual([]);
  });
});

describe("the store", () => {
  test("write() goes on under the same key when the store was away", async () => {
    const batch = await newBatch();
    const nowhere = { S3_ENDPOINT: "http://127.0.0.1:1" };
    const away = createArchiveStore(loadConfig(nowhere, "processor"), {
      credentials: { accessKeyId: "id", secretAccessKey: "key" },
    });

    const error = await archive.newSink({ store: away }).write(batch, NEVER).catch(keep);
    const [planned] = await archive.rows(batch.partition);
    await archive.newSink().write(batch, NEVER);

    expect(error).toMatchObject({ code: "archive_unavailable", cause: expect.anything() });
    await expectOneObject(batch);
    expect((await archive.rows(batch.partition))[0]?.key).toBe(planned?.key ?? "");
  });

  test("write() rejects with archive_conflict when another log wrote the key", async () => {
    const batch = await newBatch();
    await archive.newSink().write(batch, NEVER);
    const before = await archive.objects(batch.partition);
    // Another generation of the topic, whose first record has the same millisecond.
    await archive.sql`delete from archive_objects where partition = ${batch.partition}`;
    await archive.sql`
      update positions set next_offset = 0, planned_to = 0
      where sink = 'archive' and partition = ${batch.partition}`;
    const other = testBatch({ partition: batch.partition, firstOffset: 0n, count: 4 });

    const error = await archive.newSink().write(other, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_conflict" });
    expect(await archive.objects(batch.partition)).toEqual(before);
    expect(await archive.newSink().open(batch.partition)).toMatchObject({ nextOffset: 0n });
  });

  test.each(["none", "gzip"])(
    "write() reads the object when its digest is lost (compression %s)",
    async (compression) => {
      const batch = await newBatch();
      const env = { ARCHIVE_COMPRESSION: compression };
      const create: ObjectStore["create"] = async (object, signal) => {
        await archive.store.create({ ...object, sha256: "" }, signal);
        return "exists";
      };
      const store = storeWith({ create });

      const written = await archive.newSink({ store, env }).write(batch, NEVER);

      expect(written).toMatchObject({ events: 4, already: false });
    },
  );
});

/** One plan, one object, the batch's values as its lines, and nothing planned any more. */
async function expectOneObject(batch: Batch): Promise<void> {
  const objects = await archive.objects(batch.partition);
  expect(objects.map(({ bytes }) => Buffer.from(bytes).equals(valuesOf(batch)))).toEqual([true]);
  expect(await archive.rows(batch.partition)).toMatchObject([
    { key: objects[0]?.key, state: "stored", last_offset: String(batch.nextOffset - 1n) },
  ]);
  const opened = await archive.newSink().open(batch.partition);
  expect(opened).toMatchObject({ nextOffset: batch.nextOffset, plannedLastOffsets: [] });
}
