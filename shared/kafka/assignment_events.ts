/** What a consumer tells the owner of its partitions, and what it asks of it. */
import type { PipelineError } from "../error.ts";

/** What a consumer asks of the owner of its partitions, and what it reports to it. */
export interface AssignmentEvents {
  /**
   * Gives the offset at which each newly assigned partition starts. It may take any
   * time; a rejection is reported and the call is repeated. A partition that the
   * answer leaves out stays paused until seek(). The list is empty when the group has
   * no (more) partitions for this member now.
   */
  onAssign(partitions: number[]): Promise<ReadonlyMap<number, bigint>>;
  /** Awaited before the partitions are given back; if `lost`, another member may have them. */
  onRevoke(partitions: number[], lost: boolean): Promise<void>;
  /** The log does not have the offset (any more); the partition is paused until seek(). */
  onOffsetOutOfRange(partition: number): void;
  /** The log has records but none arrived for a while: the partition gets a new fetcher. */
  onStalled(partition: number): void;
  onError(error: PipelineError): void;
}

/** The offsets between which a partition can be read. */
export interface Watermarks {
  /** First offset that the log still has. */
  readonly low: bigint;
  /** High watermark: first offset that is not yet readable. */
  readonly high: bigint;
}

/**
 * What was learned from one consume(). It tells which holes in the offsets need no proof.
 *
 * A hole has one of two causes. Either the log has nothing there that can be read (the marker of
 * another producer's transaction, an aborted record, a compacted one), or the client was at a wrong
 * place: a seek, or the answer to a request for an offset, took effect late.
 *
 * Only a move can put the client at a wrong place: an assignment, a seek, a pause or a resume.
 * This folder makes all of them. Each gives the partition a new version inside librdkafka, which
 * throws away answers to fetches of an older version. Between two moves librdkafka derives each
 * fetch from the answer before it: the next offset is the one after the last batch of records that
 * it has read, which includes what it left out. Its other ways to another offset are closed:
 * `auto.offset.reset` is "error", and after a change of the leader it continues at the offset that
 * it had reached. A batch that it can't decompress stops the fetching there and is not skipped.
 *
 * So only the first thing that comes after a move shows where the move went. If it lies after the
 * offset that was asked for, it is a jump, and the hole before it needs a second fetch as proof.
 * Every later hole is one of the log. That is why thousands of holes a second cost nothing.
 */
export interface Marks {
  /** Partitions that were read to the end of what can be read now, and that end. */
  readonly ends: ReadonlyMap<number, bigint>;
  /** Partitions that jumped, and the offset of the first thing after the jump. */
  readonly jumps: ReadonlyMap<number, bigint>;
}

/** Collects the marks of all partitions. */
export class MarkCollector {
  #ends = new Map<number, bigint>();
  #jumps = new Map<number, bigint>();

  noteEnd(partition: number, offset: bigint): void {
    this.#ends.set(partition, offset);
  }

  noteJump(partition: number, offset: bigint): void {
    this.#jumps.set(partition, offset);
  }

  /** Drops the marks of a partition that moves: they are about where the client was before. */
  forget(partition: number): void {
    this.#ends.delete(partition);
    this.#jumps.delete(partition);
  }

  /** What was collected since the last call. */
  take(): Marks {
    const marks = { ends: this.#ends, jumps: this.#jumps };
    if (marks.ends.size > 0) this.#ends = new Map();
    if (marks.jumps.size > 0) this.#jumps = new Map();
    return marks;
  }
}
