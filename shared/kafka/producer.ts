/**
 * What a producer promises: every record handed over gets exactly one answer, which is
 * the broker's acknowledgement by all in-sync replicas or an error (promise P1).
 */
import type { PipelineError } from "../error.ts";
import type { OutgoingRecord } from "./client_record.ts";
import type { ClientLogLine } from "./connection.ts";
import type { TopicState } from "./cluster/topic_state.ts";

/** Where a record is in the log. */
export type Delivery = { readonly partition: number; readonly offset: bigint };

/** Called once for each record: its place in the log, or why it has none. */
export type OnDelivery = (index: number, outcome: Delivery | PipelineError) => void;

export interface ProducerOptions {
  /** How long a record waits for others in its request; 0.5 to 1 was best for single events. */
  readonly lingerMs: number;
  /** After this long without an acknowledgement a record has failed. */
  readonly messageTimeoutMs: number;
  /** Most records handed over and not answered yet. */
  readonly queueRecordsMax: number;
  /** Most bytes of these records. */
  readonly queueBytesMax: number;
  readonly compression: "none" | "lz4" | "gzip" | "snappy";
  /** Longest time of one attempt to connect; connectProducer() takes no longer. */
  readonly connectTimeoutMs: number;
  /** Largest record in bytes, 1,000,000 when absent; the topic's limit must allow it. */
  readonly recordBytesMax?: number;
  /**
   * The client lost its state and is being replaced, or can't be made again now: the error says
   * why, and attempts go on. No acknowledged record was lost.
   */
  readonly onFatal?: (error: PipelineError) => void;
  /** librdkafka's log; without it the lines are dropped: what matters is reported as errors. */
  readonly onLog?: (line: ClientLogLine) => void;
}

export interface Producer {
  /**
   * Hands records to the client's queue at the end of this turn of the event loop and calls
   * `onDelivery` exactly once for each index; records for which there is no room are answered
   * before this returns.
   *
   * An error means that the record may or may not be in the log, except for
   * `overloaded` and `broker_rejected`, which never got there. Never throws.
   */
  produceBatch(topic: string, records: readonly OutgoingRecord[], onDelivery: OnDelivery): void;
  /** Records handed over that have no report yet. */
  readonly queuedRecords: number;
  readonly queuedBytes: number;
  /** Waits for the reports; true when nothing is left in the queue. */
  flush(timeoutMs: number): Promise<boolean>;
  /** The partitions of a topic as a broker reports them. Never throws. */
  readTopic(topic: string, timeoutMs: number): Promise<TopicState>;
  /** Whether the leader of a partition answers. Never throws. */
  reachesLeader(topic: string, partition: number, timeoutMs: number): Promise<boolean>;
  /** Flushes, then closes; records without a report by then get `broker_unavailable`. */
  disconnect(timeoutMs: number): Promise<void>;
}
