/**
 * The bound on records that wait for Kafka's acknowledgement, for a whole request
 * at a time: flow.ts checks it before a body costs anything, publish.ts with the
 * real size. The producer's own check is about its array of places (delivery_slots.ts).
 */
import type { Producer } from "@tally/shared/kafka";

export interface QueueLimits {
  /** Records without a delivery report, at most. A report frees its record, an answer does not. */
  readonly queueRecordsMax: number;
  /** Bytes of these records, at most. */
  readonly queueBytesMax: number;
}

/** Whether the producer's queue has room for this many more records and bytes. */
export type HasRoom = (records: number, bytes: number) => boolean;

/** Watches the queue of a producer. */
export function queueRoom(
  producer: Pick<Producer, "queuedRecords" | "queuedBytes">,
  { queueRecordsMax, queueBytesMax }: QueueLimits,
): HasRoom {
  return (records, bytes) =>
    producer.queuedRecords + records <= queueRecordsMax &&
    producer.queuedBytes + bytes <= queueBytesMax;
}
