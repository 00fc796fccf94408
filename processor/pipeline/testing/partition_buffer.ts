/** A buffer without a topic, for unit tests. */
import type { ConsumedRecord } from "@tally/shared/kafka";
import { PartitionBuffer } from "../partition_buffer.ts";
import type { Start } from "../start_position.ts";

const LIMITS = { recordsMax: 100, bytesMax: 10_000, ageMsMax: 0, hourly: false };

/** A record of partition 1. */
export function record(offset: number): ConsumedRecord {
  const value = Buffer.from(`value-${offset}`);
  return {
    topic: "events",
    partition: 1,
    offset: BigInt(offset),
    timestampMs: 0,
    key: null,
    value,
    headers: [],
  };
}

/** A buffer of partition 1 from offset 10. It holds `buffered` records in batches of `batch`. */
export function owned(
  changes: Partial<Start> = {},
  sizes = { buffered: 10, batch: 100 },
): PartitionBuffer {
  const start: Start = {
    position: 10n,
    fetchFrom: 10n,
    isNew: false,
    expected: null,
    gap: null,
    stopped: null,
    ...changes,
  };
  const opened = {
    nextOffset: start.position,
    lastHash: null,
    plannedLastOffsets: [],
    stopped: null,
  };
  return new PartitionBuffer({
    partition: 1,
    opened,
    start,
    limits: { ...LIMITS, recordsMax: sizes.batch },
    recordsMax: sizes.buffered,
    bytesMax: 10_000,
    now: () => 0,
  });
}
