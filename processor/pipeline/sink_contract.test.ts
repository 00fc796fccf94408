/**
 * The contract suite against the simplest sink that passes it: when a test is red only elsewhere,
 * the other sink is wrong and not the suite.
 */
import { PipelineError, isRecordFault } from "@tally/shared";
import { recordHash } from "./record_hash.ts";
import type { OpenedPartition, Sink } from "./sink.ts";
import { sinkContract } from "./testing/sink_contract.ts";

interface Storage {
  readonly positions: Map<number, OpenedPartition>;
  readonly ids: Map<number, string[]>;
}

sinkContract("memorySink()", async () => {
  const storage: Storage = { positions: new Map(), ids: new Map() };
  return {
    newSink: () => memorySink(storage),
    newFailingSink: () => {
      let failures = 0;
      const sink = memorySink(storage);
      const write: Sink["write"] = async (batch, signal) => {
        if (failures++ === 0) throw new PipelineError("database_unavailable", "Cannot write: away");
        return await sink.write(batch, signal);
      };
      return { ...sink, write };
    },
    prepare: async () => undefined,
    storedIds: async (partition) => storage.ids.get(partition) ?? [],
    close: async () => undefined,
  };
});

const NEW: OpenedPartition = {
  nextOffset: null,
  lastHash: null,
  plannedLastOffsets: [],
  stopped: null,
};

function memorySink({ positions, ids }: Storage): Sink {
  return {
    name: "postgres",
    losesDeleted: true,
    limits: { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false },
    open: async (partition) => positions.get(partition) ?? NEW,
    begin: async (partition, offset) => {
      if (!positions.has(partition)) positions.set(partition, { ...NEW, nextOffset: offset });
    },
    idle: async () => undefined,
    stop: async (partition, stopped) => {
      positions.set(partition, { ...(positions.get(partition) ?? NEW), stopped });
    },
    look: async () => {
      const standings = [...positions].flatMap(([partition, { nextOffset, stopped }]) =>
        nextOffset === null ? [] : [[partition, { nextOffset, stopped }] as const],
      );
      return new Map(standings);
    },
    write: async (batch, signal) => {
      const { partition, firstOffset, nextOffset, records } = batch;
      const position = positions.get(partition) ?? NEW;
      const nothing = { batch, events: 0, duplicates: 0, deadLetters: [] };
      if (position.nextOffset === nextOffset) return { ...nothing, already: true };
      if (position.nextOffset !== firstOffset || signal.aborted) {
        throw new PipelineError("position_moved", "Cannot write: the position has moved");
      }
      const added = records.flatMap(({ decoded }) =>
        isRecordFault(decoded) ? [] : [decoded.eventId],
      );
      ids.set(partition, [...(ids.get(partition) ?? []), ...added]);
      const lastHash = recordHash(records.at(-1)?.record.value ?? null);
      positions.set(partition, { ...position, nextOffset, lastHash });
      return { ...nothing, events: added.length, already: false };
    },
  };
}
