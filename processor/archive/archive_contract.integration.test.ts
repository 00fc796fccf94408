/** The archive keeps the contract of a sink, on a real PostgreSQL and a real S3 server. */
import { PipelineError } from "@tally/shared";
import { lineIds, testArchive } from "./testing/archive.ts";
import type { ObjectStore } from "./object_store.ts";
import { sinkContract } from "../pipeline/testing/sink_contract.ts";

sinkContract("archiveSink()", async () => {
  const archive = await testArchive();
  return {
    newSink: () => archive.newSink(),
    newFailingSink: () => {
      let failures = 0;
      const create: ObjectStore["create"] = async (object, signal) => {
        if (failures++ === 0) throw new PipelineError("archive_unavailable", "Cannot create: away");
        return await archive.store.create(object, signal);
      };
      return archive.newSink({ store: { ...archive.store, create } });
    },
    prepare: ({ partition, nextOffset }) => archive.setRows(partition, nextOffset),
    storedIds: async (partition) => {
      const stored = new Set(
        (await archive.rows(partition))
          .filter(({ state }) => state === "stored")
          .map(({ key }) => key),
      );
      const objects = await archive.objects(partition);
      // Keys end in the first offset; within one hour and millisecond they sort by it.
      return objects.filter(({ key }) => stored.has(key)).flatMap(({ bytes }) => lineIds(bytes));
    },
    close: archive.close,
  };
});
