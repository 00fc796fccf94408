/** A crash at every step of an archive object, and a store that fails, on real servers. */
import { describe, expect, test } from "bun:test";
import { PipelineError, loadConfig } from "@tally/shared";
import { NEVER, archiveOfFile, expectOneObject, keep, newBatch } from "./testing/archive.ts";
import { createArchiveStore, type ObjectStore } from "./object_store.ts";
import { registerLog } from "../pipeline/positions.ts";
import type { Batch } from "../pipeline/sink.ts";
import { losingAnswerOf } from "../pipeline/testing/lost_answer.ts";
import { idsOf, testBatch } from "../pipeline/testing/sink_contract.ts";

const archive = archiveOfFile();

/** The test's store with some calls replaced. */
function storeWith(changes: Partial<ObjectStore>): ObjectStore {
  return { ...archive.store, ...changes };
}

describe("a crash", () => {
  test("write() plans the same again when the owner died before the plan", async () => {
    const batch = await newBatch(archive);
    const aborted = await archive.newSink().write(batch, AbortSignal.abort()).catch(keep);

    await archive.newSink().write(batch, NEVER);

    expect(aborted).toMatchObject({ code: "position_moved" });
    await expectOneObject(archive, batch);
  });

  test("write() finishes the plan when the owner died before the upload", async () => {
    const batch = await newBatch(archive);
    const create = async () => {
      throw new PipelineError("archive_unavailable", "Cannot create: killed");
    };
    const sink = archive.newSink({ store: storeWith({ create }) });
    await sink.write(batch, NEVER).catch(keep);
    const [planned] = await archive.rows(batch.partition);

    const opened = await archive.newSink().open(batch.partition);
    // The configuration has changed since: the plan's key and format win.
    const env = { ARCHIVE_COMPRESSION: "gzip", ARCHIVE_KEY_PREFIX: "elsewhere" };
    await archive.newSink({ env }).write(batch, NEVER);

    expect(planned).toMatchObject({ state: "planned", format: "json" });
    expect(opened).toMatchObject({ nextOffset: 0n, plannedLastOffsets: [3n] });
    await expectOneObject(archive, batch);
    expect((await archive.rows(batch.partition))[0]?.key).toBe(planned?.key ?? "");
  });

  test("write() adopts the object when the owner died before the confirmation", async () => {
    const batch = await newBatch(archive);
    const create: ObjectStore["create"] = async (object, signal) => {
      await archive.store.create(object, signal);
      throw new PipelineError("archive_unavailable", "Cannot create: killed after it was stored");
    };
    const sink = archive.newSink({ store: storeWith({ create }) });
    await sink.write(batch, NEVER).catch(keep);
    const before = await archive.rows(batch.partition);

    await archive.newSink().write(batch, NEVER);

    expect(before).toMatchObject([{ state: "planned" }]);
    await expectOneObject(archive, batch);
  });

  test("write() counts its lines when the answer to its confirmation was lost", async () => {
    const batch = await newBatch(archive);
    const cut = losingAnswerOf(archive.sql, "set state = 'stored'");
    const sink = archive.newSink({ sql: cut });

    const first = await sink.write(batch, NEVER).catch(keep);
    const second = await sink.write(batch, NEVER);
    const other = await archive.newSink().write(batch, NEVER);

    expect(first).toMatchObject({ code: "database_unavailable" });
    expect(second).toMatchObject({ events: (await archive.rows(batch.partition))[0]?.events });
    expect(second.already).toBe(false);
    expect(other).toMatchObject({ events: 0, already: true });
    await expectOneObject(archive, batch);
  });

  test("write() resolves with already when the frozen owner wakes up after the confirmation", async () => {
    const batch = await newBatch(archive);
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
    await expectOneObject(archive, batch);
  });

  test("write() does not confirm an object whose plan was changed after the upload", async () => {
    const batch = await newBatch(archive);
    const { sql, topicLog } = archive;
    const create: ObjectStore["create"] = async (object, signal) => {
      const outcome = await archive.store.create(object, signal);
      await sql`
        update archive_objects set sha256 = 'another'
        where log = ${topicLog.logNumber} and partition = ${batch.partition}`;
      return outcome;
    };
    const sink = archive.newSink({ store: storeWith({ create }) });

    const outcome = await sink.write(batch, NEVER).catch(keep);

    expect(outcome).toMatchObject({ code: "position_moved" });
    expect(await archive.rows(batch.partition)).toMatchObject([{ state: "planned" }]);
    expect(await sink.open(batch.partition)).toMatchObject({ nextOffset: 0n });
  });

  test("write() lets one plan win when two owners split the log differently", async () => {
    const short = await newBatch(archive);
    const { partition } = short;
    const long: Batch = testBatch({ partition, firstOffset: 0n, count: 6, eventIds: idsOf(short) });
    await archive.setRows(partition, 6n);

    // The winner uploads only after the other one has lost.
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
    const batch = await newBatch(archive);
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
  test("write() retries under the same key when the store was down", async () => {
    const batch = await newBatch(archive);
    const nowhere = { S3_ENDPOINT: "http://127.0.0.1:1" };
    const away = createArchiveStore(loadConfig(nowhere, "processor"), {
      credentials: { accessKeyId: "id", secretAccessKey: "key" },
    });
    // It goes down after the plan.
    const store = { ...away, list: archive.store.list };

    const error = await archive.newSink({ store }).write(batch, NEVER).catch(keep);
    const [planned] = await archive.rows(batch.partition);
    await archive.newSink().write(batch, NEVER);

    expect(error).toMatchObject({ code: "archive_unavailable", cause: expect.anything() });
    await expectOneObject(archive, batch);
    expect((await archive.rows(batch.partition))[0]?.key).toBe(planned?.key ?? "");
  });

  test("write() rejects with archive_conflict when another log wrote the key", async () => {
    const batch = await newBatch(archive);
    await archive.newSink().write(batch, NEVER);
    const before = await archive.objects(batch.partition);
    // Another generation of the topic, whose first record has the same millisecond.
    const topicLog = await registerLog(archive.sql, archive.topicLog.topic, "another-topic-id");
    await archive.sql`
      insert into positions (sink, log, partition, next_offset, planned_to)
      values ('postgres', ${topicLog.logNumber}, ${batch.partition}, 4, 4)`;
    const other = testBatch({ partition: batch.partition, firstOffset: 0n, count: 4 });
    const sink = archive.newSink({ topicLog });
    await sink.begin(batch.partition, 0n);

    const error = await sink.write(other, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_conflict" });
    expect(await archive.objects(batch.partition)).toEqual(before);
    expect(await sink.open(batch.partition)).toMatchObject({ nextOffset: 0n });
  });

  test.each(["none", "gzip"])(
    "write() reads the object when its digest is lost (compression %s)",
    async (compression) => {
      const batch = await newBatch(archive);
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
