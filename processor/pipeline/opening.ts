/** Reads what is needed to open a partition: the sink's position and the ends of the log. */
import type { Consumer } from "@tally/shared/kafka";
import type { OpenedPartition, Sink } from "./sink.ts";
import { decideStart, type Start } from "./start_position.ts";

/** What was read, and where to begin because of it. */
export interface Opening {
  readonly opened: OpenedPartition;
  readonly start: Start;
}

const WATERMARKS_MS_MAX = 5000;

/**
 * Reads both, and creates the position when there is none.
 *
 * @param from.consumer Resolves when connected; a partition may be assigned before that.
 * @throws {PipelineError} `broker_unavailable`, `database_unavailable`: retryable.
 */
export async function readOpening(
  partition: number,
  from: { readonly sink: Sink; readonly consumer: Promise<Pick<Consumer, "watermarks">> },
): Promise<Opening> {
  const { sink } = from;
  const consumer = await from.consumer;
  const opened = await sink.open(partition);
  const watermarks = await consumer.watermarks(partition, WATERMARKS_MS_MAX);
  const start = decideStart(opened, watermarks, sink.losesDeleted);
  if (start.isNew) await sink.begin(partition, start.position);
  return { opened, start };
}

/**
 * Hands a start offset to the group. Returns false when the group has already been answered; then a
 * seek is needed.
 */
export type HandOver = (partition: number, offset: bigint) => boolean;
