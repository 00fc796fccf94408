/**
 * What a member of a consumer group promises. Where a partition starts is the
 * caller's answer, never Kafka's committed offset; an offset that the log does
 * not have is reported, never skipped (promises P3, P10).
 */
import type { PipelineError } from "../error.ts";
import type { AssignmentEvents, Marks, Watermarks } from "./assignment_events.ts";
import type { ConsumedRecord } from "./client_record.ts";
import type { ClientLogLine } from "./connection.ts";
import type { Pace } from "./fetch_pace.ts";

export interface ConsumerOptions extends AssignmentEvents {
  readonly groupId: string;
  readonly topic: string;
  /** Without a heartbeat for this long the group takes the partitions away; "classic" only. */
  readonly sessionTimeoutMs: number;
  /** "consumer" is KIP-848: the broker assigns, and has the session's length. */
  readonly groupProtocol: "classic" | "consumer";
  /** What a fetch asks for. */
  readonly fetch: Pace;
  /** The same while many records arrive (fetch_pace.ts); always as above when absent. */
  readonly busyFetch?: Pace;
  /** No more is requested while this many records are fetched ahead, over all partitions. */
  readonly queuedRecordsMax: number;
  /**
   * The same in bytes. It also bounds one answer of the broker, which brings up to 1 MiB of each
   * partition in order: where it is less than that, the last partitions get nothing while the
   * first ones have a backlog.
   */
  readonly queuedBytesMax: number;
  /** How long consume() waits for a first record. Costs no thread: it waits for an event. */
  readonly consumeTimeoutMs: number;
  /** Trouble with the connection or the group; each kind once until records arrive again. */
  onError(error: PipelineError): void;
  /** librdkafka's log; without it the lines are dropped: what matters is reported as errors. */
  readonly onLog?: (line: ClientLogLine) => void;
}

export interface Consumer {
  /**
   * Takes up to `recordsMax` records; empty when none arrived in time (`consumeTimeoutMs` when no
   * other is given). Never rejects.
   *
   * It must be called repeatedly, also while everything is paused: rebalances need it,
   * and after five minutes without a call the group removes the member. Records of a
   * partition that was revoked meanwhile are left out. A call in progress may still
   * return records of a partition that is paused during it.
   */
  consume(recordsMax: number, timeoutMs?: number): Promise<ConsumedRecord[]>;
  /**
   * What was learned besides records since the last call. Call it right after each consume(): its
   * ends come after those records.
   */
  takeMarks(): Marks;
  /** Partitions that are not held are left alone; a new assignment begins without pauses. */
  pause(partitions: readonly number[]): void;
  resume(partitions: readonly number[]): void;
  /**
   * Resolves when the next record of the partition is the one at this offset, or it is not held.
   */
  seek(partition: number, offset: bigint): Promise<void>;
  /** Commits offsets for tools that show lag. A commit may get lost, and Tally never reads it. */
  commit(positions: ReadonlyMap<number, bigint>): void;
  /** @throws {PipelineError} `broker_unavailable`. */
  watermarks(partition: number, timeoutMs: number): Promise<Watermarks>;
  /** The held partitions in ascending order, also those that have not started yet. */
  readonly assigned: readonly number[];
  /** Leaves the group; onRevoke() is awaited, but no longer than this. */
  disconnect(timeoutMs: number): Promise<void>;
}
