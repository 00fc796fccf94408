/**
 * Step 3: accepted events become records in the log. Resolves with their places
 * only when the broker has acknowledged every one of them (promise P1).
 */
import {
  encodeEvent,
  ERRORS,
  PipelineError,
  type AcceptedEvent,
  type ErrorCode,
} from "@tally/shared";
import type { Delivery, OutgoingRecord, Producer } from "@tally/shared/kafka";
import type { Deadline } from "./deadline.ts";
import type { HasRoom } from "./record_queue.ts";
import type { Refusal } from "./refusal.ts";

/** The part of a producer that publishing needs. */
export type RecordProducer = Pick<Producer, "produceBatch" | "queuedRecords" | "queuedBytes">;

/** Where a request's events go and for how long it waits. */
export interface PublishOptions {
  readonly producer: Pick<RecordProducer, "produceBatch">;
  readonly topic: string;
  readonly hasRoom: HasRoom;
  readonly deadline: Deadline;
  /** The code of the answer for a record that was not stored. */
  readonly failureCode: (error: PipelineError) => ErrorCode;
  /** Receive time of the request, ms since 1970; the records' timestamp. */
  readonly receivedAtMs: number;
}

/** Every event of a request is in the log. */
export interface Published {
  readonly kind: "published";
  /** Where each event is, in the order of the events. */
  readonly deliveries: readonly Delivery[];
}

/** Not every event of a request is known to be in the log. */
export interface PublishRefusal extends Refusal {
  /** Every kind of failure of the request, for counting. */
  readonly codes: ReadonlySet<ErrorCode>;
  /** Whether records were handed to the client: they are in the log, or may still get there. */
  readonly isUnknown: boolean;
}

/** Publishes the events of one request. Never rejects. */
export function publish(
  events: readonly AcceptedEvent[],
  options: PublishOptions,
): Promise<Published | PublishRefusal> {
  const { producer, topic, deadline } = options;
  const { records, bytes } = encodeRecords(events, options.receivedAtMs);
  // All or none: the producer would take the first records of a batch and refuse the rest.
  if (!options.hasRoom(records.length, bytes)) return Promise.resolve(NO_ROOM);
  return new Promise((resolve) => {
    const deliveries: Delivery[] = [];
    let waiting = records.length;
    let failures: Set<ErrorCode> | null = null;
    deadline.onPassed(() => {
      const code = "broker_unavailable";
      resolve(unknown(code, (failures ?? new Set<ErrorCode>()).add(code)));
    });
    producer.produceBatch(topic, records, (index, outcome) => {
      if (outcome instanceof PipelineError)
        (failures ??= new Set()).add(options.failureCode(outcome));
      else deliveries[index] = outcome;
      if (--waiting > 0) return;
      resolve(failures === null ? { kind: "published", deliveries } : failed(failures));
    });
  });
}

const NO_ROOM: PublishRefusal = {
  kind: "refused",
  code: "overloaded",
  codes: new Set(["overloaded"]),
  isUnknown: false,
};

function encodeRecords(events: readonly AcceptedEvent[], timestampMs: number) {
  const records: OutgoingRecord[] = [];
  let bytes = 0;
  for (const event of events) {
    const value = Buffer.from(encodeEvent(event));
    records.push({ key: event.sessionId, value, timestampMs });
    bytes += value.length + event.sessionId.length;
  }
  return { records, bytes };
}

/** A retryable failure decides the answer when there is one: then the client should repeat. */
function failed(codes: Set<ErrorCode>): PublishRefusal {
  const [first = "internal"] = codes;
  return unknown([...codes].find((code) => ERRORS[code].retryable) ?? first, codes);
}

function unknown(code: ErrorCode, codes: ReadonlySet<ErrorCode>): PublishRefusal {
  return { kind: "refused", code, codes, isUnknown: true };
}
