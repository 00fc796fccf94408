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
