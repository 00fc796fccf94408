/**
 * The contract of a sink: a destination that keeps events. One pipeline drives
 * one sink; what `write` promises is what makes the pipeline exactly-once.
 */
import type { DecodedEvent, RecordFault, SinkName } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";

/** A record with its verdict: the event it holds, or why it holds none. */
export interface DecodedRecord {
  readonly record: ConsumedRecord;
  readonly decoded: DecodedEvent | RecordFault;
}

/** What closed a batch. `planned`: its range was fixed before, by this or another owner. */
export type CloseReason = "records" | "bytes" | "age" | "hour" | "planned" | "shutdown";

/** Offsets that the log no longer holds or never had; both ends inclusive. */
export interface OffsetGap {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
}

/**
 * Records of one partition, handled together: all that the log holds from `firstOffset` up to
 * before `nextOffset`.
 */
export interface Batch {
  readonly partition: number;
  /** The position at which the batch begins; the first record's offset or, behind a gap, less. */
  readonly firstOffset: bigint;
  /** The position once it is written: the last record's offset + 1. */
  readonly nextOffset: bigint;
  /** 1..`recordsMax`, in offset order. */
  readonly records: readonly DecodedRecord[];
  /** Gaps within the range, in offset order. */
  readonly gaps: readonly OffsetGap[];
  readonly reason: CloseReason;
}

/** What a sink knows of a partition whose owner it has become. */
export interface OpenedPartition {
  /** The next offset it will write; null: no position yet, begin at the log's start. */
  readonly nextOffset: bigint | null;
  /** xxHash64 (hex) of the value of the record before `nextOffset`; null: unknown. */
  readonly lastHash: string | null;
  /** Last offsets of ranges that are planned already, ascending: batches close exactly there. */
  readonly plannedLastOffsets: readonly bigint[];
  /** Why the partition waits for an operator; null when it runs. */
  readonly stopped: string | null;
}

/** Where a position stands, as an operator may have changed it. */
export interface Standing {
  readonly nextOffset: bigint;
  readonly stopped: string | null;
}

/** When a batch closes; the first that is reached. */
export interface BatchLimits {
  readonly recordsMax: number;
  /** Bytes of values, keys and headers. */
  readonly bytesMax: number;
  /** Since its first record came, ms. */
  readonly ageMsMax: number;
  /** Whether a record of a later hour (UTC, Kafka timestamp) closes it. */
  readonly hourly: boolean;
}

/** What a write did; `already` when the position showed that it had been done before. */
export interface Written {
  readonly batch: Batch;
  /** Rows or lines that are new. */
  readonly events: number;
  readonly duplicates: number;
  /** Codes of the records set aside, one each. */
  readonly deadLetters: readonly string[];
  readonly already: boolean;
}

/** A destination that keeps events and, with them, its position. */
export interface Sink {
  readonly name: SinkName;
  readonly limits: BatchLimits;

  /**
   * Reads the position of a partition, which this process owns from now on.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  open(partition: number): Promise<OpenedPartition>;

  /** Makes the position exist, at the log's start, when `open` found none. Idempotent. */
  begin(partition: number, offset: bigint): Promise<void>;

  /**
   * Writes one batch and moves the position, both or neither. Resolved means durable. Writing the
   * same batch again, here or elsewhere, changes nothing and resolves with `already`.
   *
   * @param signal Aborted when the partition is no longer ours: the write ends early or changes
   * nothing.
   * @throws {PipelineError} `database_unavailable` or `archive_unavailable`: retryable, the same
   * batch may be written again; `position_moved`: somebody else wrote, the partition must be opened
   * again; `archive_conflict`: the partition must be stopped.
   */
  write(batch: Batch, signal: AbortSignal): Promise<Written>;

  /**
   * Called when no batch came for a moment: bookkeeping that may wait, at the position of the last
   * write.
   */
  idle(partition: number, nextOffset: bigint): Promise<void>;

  /** Writes down why a partition waits for an operator; shown everywhere until it is cleared. */
  stop(partition: number, reason: string): Promise<void>;

  /** Where the positions of all partitions stand now; takes nothing over. */
  look(): Promise<ReadonlyMap<number, Standing>>;
}
