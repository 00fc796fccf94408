/**
 * The errors that end a write of a range or partition that another owner has taken over,
 * or whose positions PostgreSQL has lost. All have the code `position_moved`: the pipeline
 * opens the partition again or lets it go.
 */
import { PipelineError } from "@tally/shared";
import type { Batch } from "../pipeline/sink.ts";

/** The error of a batch whose range another owner has planned differently or confirmed in part. */
export function positionMoved(
  { partition, firstOffset, nextOffset }: Batch,
  position: bigint | null,
): PipelineError {
  return new PipelineError(
    "position_moved",
    `Cannot archive offsets ${firstOffset} to ${nextOffset - 1n} of partition ${partition}: the position is at ${position}, another range is planned there, or the rows' position has moved back`,
  );
}

/**
 * The error of a batch whose rows PostgreSQL held and doesn't hold any more: it failed over to a
 * standby that had not received them, or an operator rewound the rows.
 */
export function rowsMovedBack({ partition, firstOffset, nextOffset }: Batch): PipelineError {
  return new PipelineError(
    "position_moved",
    `Cannot archive offsets ${firstOffset} to ${nextOffset - 1n} of partition ${partition}: the position of the rows has moved back before their end`,
  );
}

/** @throws {PipelineError} `position_moved` once the partition has been revoked. */
export function throwIfRevoked(partition: number, signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new PipelineError(
    "position_moved",
    `Cannot archive partition ${partition}: it belongs to another owner now`,
    { cause: signal.reason },
  );
}
