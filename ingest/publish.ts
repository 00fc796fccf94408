/**
 * Step 3: accepted events become records in the log. Resolves with places only
 * when the broker has acknowledged every one of them (promise P1).
 */
import { encodeEvent, ERRORS, type AcceptedEvent, type ErrorCode } from "@tally/shared";
import type { Delivery, OutgoingRecord, Producer } from "@tally/shared/kafka";
import type { Deadline } from "./deadline.ts";

/** The part of a producer that publishing needs. */
export type RecordProducer = Pick<Producer, "produceBatch" | "queuedRecords" | "queuedBytes">;

/** Where a request's events go and for how long it waits. */
export interface PublishOptions {
  readonly producer: RecordProducer;
  readonly topic: string;
  /** Records and bytes without a delivery report, at most; reports free them, not answers. */
  readonly queueRecordsMax: number;
  readonly queueBytesMax: number;
  readonly deadline: Deadline;
  /** Receive time of the request, ms since 1970; the records' timestamp. */
  readonly receivedAtMs: number;
}

/** Why not every event of a request is known to be in the log. */
export interface PublishFault {
  /** The code to answer with. */
  readonly code: ErrorCode;
  /** Every kind of failure of the request, for counting. */
  readonly codes: ReadonlySet<ErrorCode>;
  /** Whether records were handed to the client: they may be in the log or get there yet. */
  readonly isUnknown: boolean;
}

/** Publishes the events; gives their places in the same order, or a fault. Never rejects. */
export function publish(
  events: readonly AcceptedEvent[],
  options: PublishOptions,
): Promise<readonly Delivery[] | PublishFault> {
  const { producer, topic, deadline } = options;
  const { records, bytes } = encodeRecords(events, options.receivedAtMs);
  if (
    producer.queuedRecords + records.length > options.queueRecordsMax ||
    producer.queuedBytes + bytes > options.queueBytesMax
  ) {
    return Promise.resolve({
      code: "overloaded",
      codes: new Set(["overloaded"]),
      isUnknown: false,
    });
  }
  return new Promise((resolve) => {
    const deliveries: Delivery[] = [];
    let waiting = records.length;
    let failures: Set<ErrorCode> | null = null;
    deadline.onPassed(() => {
      const code = "broker_unavailable";
      resolve({ code, codes: (failures ?? new Set<ErrorCode>()).add(code), isUnknown: true });
    });
    producer.produceBatch(topic, records, (index, outcome) => {
      if ("code" in outcome) (failures ??= new Set()).add(outcome.code);
      else deliveries[index] = outcome;
      if (--waiting > 0) return;
      resolve(failures === null ? deliveries : faultOf(failures));
    });
  });
}

/** Whether publishing failed. */
export function isPublishFault(
  outcome: readonly Delivery[] | PublishFault,
): outcome is PublishFault {
  return "codes" in outcome;
}

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

/** A failure that passes by itself decides the answer: then a repeat of the request makes sense. */
function faultOf(codes: Set<ErrorCode>): PublishFault {
  const [first = "internal"] = codes;
  return {
    code: [...codes].find((code) => ERRORS[code].retryable) ?? first,
    codes,
    isUnknown: true,
  };
}
