/** The states of one partition in one pipeline. owned_partition.ts has the transitions. */
import type { PartitionBuffer } from "./partition_buffer.ts";

/**
 * The states of a partition, and what leads from one to the next:
 *
 *   state     meaning                         next state and its cause
 *   released  nothing is held                 opening: assigned
 *   opening   the position and the log are    running: the start was handed to the group in time
 *             being read                      seeking: the start must be sought
 *                                             stopping: the log ends below the position
 *                                             stopped: the table has a stop already
 *   running   consumed and written            seeking: the client jumped over offsets, which are
 *                                               fetched again
 *                                             opening, stopping or draining: for the causes
 *                                               listed under seeking
 *   seeking   written, but what is consumed   running: the consumer is at the offset
 *             is stale and left out           opening: another owner wrote, or an operator rewound
 *                                               the position
 *                                             stopping: the log was replaced, or the archive's
 *                                               object has other lines
 *                                             draining: the pipeline stops, or the offset is out
 *                                               of range
 *   stopping  the reason is being stored      stopped: it is stored
 *   stopped   waits for an operator           opening: the operator cleared the stop
 *   draining  what is buffered is written     released: the consumer leaves the group
 *                                             opening: all is written, the offset was out of range
 *   any                                       released: revoked; opening: assigned again
 *
 * Revoked in the middle of a write: the buffer ends and gives no further batch. The write may
 * finish, or sees the aborted signal and changes nothing. Either way the stored position is right,
 * and the next owner continues there. An opening that is revoked is given up, however far it
 * came.
 */
export type Life =
  | { readonly state: "released"; readonly buffer: null }
  | { readonly state: "opening"; readonly buffer: null; readonly givenUp: AbortController }
  | { readonly state: "running"; readonly buffer: PartitionBuffer }
  | { readonly state: "seeking"; readonly buffer: PartitionBuffer; readonly to: bigint }
  | { readonly state: "draining"; readonly buffer: PartitionBuffer }
  | Stop;

export interface Stop {
  readonly state: "stopping" | "stopped";
  /** Already ended, so backpressure pauses the partition. */
  readonly buffer: PartitionBuffer;
  readonly reason: string;
}

export const RELEASED: Life = { state: "released", buffer: null };
