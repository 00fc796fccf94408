/**
 * The contract of a sink: a destination that keeps events. One pipeline drives one sink. A new sink
 * implements `Sink`, passes the suite in testing/sink_contract.ts, and gets its pipeline in
 * bring_up.ts.
 */
import type { DecodedEvent, RecordFault, SinkName } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";

/** A record and what it decodes to: an event, or the reason why it holds none. */
export interface DecodedRecord {
  readonly record: ConsumedRecord;
  readonly decoded: DecodedEvent | RecordFault;
}

/** What closed a batch. `planned` means that this or another owner had fixed its range before. */
export type CloseReason = "records" | "bytes" | "age" | "hour" | "planned" | "shutdown";

/** Offsets at which the log has no record. Both ends are part of the gap. */
export interface OffsetGap {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /**
   * True when Kafka has deleted the records before they were read. Without it nothing was there to
   * read: another producer's transaction markers, aborted or compacted records.
   */
  readonly isLost?: boolean;
}

/**
 * Records of one partition, handled together: every record in the log from `firstOffset` up to, but
 * without, `nextOffset`.
 */
export interface Batch {
  readonly partition: number;
  /** The position at which the batch begins: the first record's offset, or lower after a gap. */
  readonly firstOffset: bigint;
  /** The position once the batch is written. */
  readonly nextOffset: bigint;
  /**
   * In offset order, at most `recordsMax`. Empty when the range is one gap.
   */
  readonly records: readonly DecodedRecord[];
  /** Gaps within the range, in offset order. */
  readonly gaps: readonly OffsetGap[];
  readonly reason: CloseReason;
}

/** What a new owner reads about a partition. */
export interface OpenedPartition {
  /** The next offset to write, or null when there is no position: begin at the log's start. */
  readonly nextOffset: bigint | null;
  /** `recordHash` of the last record before `nextOffset`, or null when that is not known. */
  readonly lastHash: string | null;
  /** The offset of that record, if a gap follows it; otherwise it is `nextOffset - 1`. */
  readonly lastOffset?: bigint;
  /** Last offsets of the ranges that are planned, ascending. Batches close exactly there. */
  readonly plannedLastOffsets: readonly bigint[];
  /** Why the partition waits for an operator, or null when it runs. */
  readonly stopped: string | null;
}

/** Where a position is now; an operator may have changed it. */
export interface Standing {
  readonly nextOffset: bigint;
  readonly stopped: string | null;
}

/** A batch closes at the limit that it reaches first. */
export interface BatchLimits {
  readonly recordsMax: number;
  /** Bytes of values, keys and headers. One larger record still makes a batch. */
  readonly bytesMax: number;
  /** Age of the first record or gap in the batch, ms since it arrived here. */
  readonly ageMsMax: number;
  /**
   * Makes batches of records close at the multiples of a time instead, ms, so that those of all
   * partitions close together. 0: at once.
   */
  readonly beatMs?: () => number;
  /** Whether a record of a later hour (UTC, Kafka timestamp) closes the batch before it. */
  readonly hourly: boolean;
}

/** What a write did. */
export interface Written {
  readonly batch: Batch;
  /** New rows or new lines. */
  readonly events: number;
  readonly duplicates: number;
  /** Codes of the records that became dead letters, one code per record. */
  readonly deadLetters: readonly string[];
  /**
   * The position showed that the batch had been written before: nothing changed. False when an
   * earlier attempt of this sink wrote it and its answer was lost: then the figures are of that.
   */
  readonly already: boolean;
}

/**
 * A destination that keeps events together with its position.
 *
 * The order of calls for one partition: `open`, then `begin` if there was no position, then one
 * `write` at a time in offset order, with `idle` between writes. Several partitions are written at
 * the same time. Another process may own the partition at the same time and believe the same
 * position, so every write must check it.
 */
export interface Sink {
  readonly name: SinkName;
  readonly limits: BatchLimits;
  /**
   * Whether records that Kafka has deleted before this sink read them are lost. They are not when
   * another sink has kept them.
   */
  readonly losesDeleted: boolean;

  /**
   * Reads the position of a partition that this process owns from now on.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  open(partition: number): Promise<OpenedPartition>;

  /**
   * Creates the position at the log's start, when `open` found none. Idempotent: a position that
   * exists stays where it is.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  begin(partition: number, offset: bigint): Promise<void>;

  /**
   * Writes one batch and moves the position: both or neither. When it resolves, both are durable.
   * Writing the same batch again, here or in another process, changes nothing and resolves with
   * `already`. This makes the pipeline exactly-once.
   *
   * @param signal Aborted when this process no longer owns the partition. The write then finishes,
   * or ends early and changes nothing.
   * @throws {PipelineError} `database_unavailable` or `archive_unavailable`: retryable, with the
   * same batch; `position_moved`: another owner wrote, the partition must be opened again;
   * `archive_conflict`: the partition must be stopped.
   */
  write(batch: Batch, signal: AbortSignal): Promise<Written>;

  /**
   * Does bookkeeping that could wait. Called when no batch followed a write for a moment.
   *
   * @param nextOffset The position after the last write.
   */
  idle(partition: number, nextOffset: bigint): Promise<void>;

  /** Stores why a partition waits for an operator. Every owner sees it until it is cleared. */
  stop(partition: number, reason: string): Promise<void>;

  /** Reads the positions of all partitions, without becoming their owner. */
  look(): Promise<ReadonlyMap<number, Standing>>;
}
