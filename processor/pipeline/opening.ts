/**
 * Reads what is needed to open a partition: the sink's position and the ends of the log. Neither is
 * used before it is known that the position belongs to this log.
 */
import type { Consumer } from "@tally/shared/kafka";
import type { Generation } from "./generation.ts";
import type { OpenedPartition, Sink } from "./sink.ts";
import { decideStart, type Start } from "./start_position.ts";

/** What was read, and where to begin because of it. */
export interface Opening {
  readonly opened: OpenedPartition;
  readonly start: Start;
}

/** What is asked. */
export interface OpeningSources {
  readonly sink: Sink;
  readonly consumer: Promise<Pick<Consumer, "watermarks">>;
  readonly checkLog: Generation["check"];
}

const WATERMARKS_MS_MAX = 5000;

/**
 * Reads both, and creates the position when there is none.
 *
 * @param from.consumer Resolves when connected; a partition may be assigned before that.
 * @param from.checkLog See `Generation`.
 * @throws {PipelineError} `broker_unavailable`, `database_unavailable`: retryable.
 * `topic_recreated`: not retryable.
 */
export async function readOpening(partition: number, from: OpeningSources): Promise<Opening> {
  const { sink, checkLog } = from;
  const consumer = await from.consumer;
  const opened = await sink.open(partition);
  const watermarks = await consumer.watermarks(partition, WATERMARKS_MS_MAX);
  await checkLog();
  const start = decideStart(opened, watermarks, sink.losesDeleted);
  if (start.isNew) await sink.begin(partition, start.position);
  return { opened, start };
}

/**
 * Hands a start offset to the group. Returns false when the group has already been answered; then a
 * seek is needed.
 */
export type HandOver = (partition: number, offset: bigint) => boolean;
