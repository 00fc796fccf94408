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
import {
  partitionOf,
  type Delivery,
  type OutgoingRecord,
  type Producer,
} from "@tally/shared/kafka";
import type { Admission } from "./cluster/admission.ts";
import type { Deadline } from "./deadline.ts";
import type { RejectedEvent } from "./form/rejected_event.ts";
import type { Parcel } from "./cluster/partition_states.ts";
import type { HasRoom } from "./record_queue.ts";
import type { Refusal } from "./form/refusal.ts";

/** The part of a producer that publishing needs. */
export type RecordProducer = Pick<Producer, "produceBatch" | "queuedRecords" | "queuedBytes">;

/** Where a request's events go and for how long it waits. */
export interface PublishOptions {
  readonly producer: Pick<RecordProducer, "produceBatch">;
  readonly topic: string;
  /** Number of partitions of the topic; 1 or more. */
  readonly partitions: number;
  readonly hasRoom: HasRoom;
  readonly admission: Pick<Admission, "admit" | "settle">;
  readonly deadline: Deadline;
  /** The code of the answer for a record that was not stored. */
  readonly failureCode: (error: PipelineError) => ErrorCode;
  /** Receive time of the request, ms since 1970; the records' timestamp. */
  readonly receivedAtMs: number;
}

/** Every event of a request is in the log. */
export interface Published {
  readonly kind: "published";
  /** Where each event is, in the order of the events; after them the rejected ones. */
  readonly deliveries: readonly Delivery[];
}

/** Not every event of a request is known to be in the log. */
export interface PublishRefusal extends Refusal {
  /** Every kind of failure of the request, for counting. */
  readonly codes: ReadonlySet<ErrorCode>;
  /** Whether records were handed to the client: they are in the log, or may still get there. */
  readonly isUnknown: boolean;
}

/** What a request publishes. */
export interface Content {
  readonly events: readonly AcceptedEvent[];
  /** Rejected events that become dead letters; after the others in the order of deliveries. */
  readonly kept?: readonly RejectedEvent[];
}

/** Publishes the events of one request. Never rejects. */
export async function publish(
  content: Content,
  options: PublishOptions,
): Promise<Published | PublishRefusal> {
  const encoded = encodeRecords(content, options);
  const { records, bytes, parcels } = encoded;
  // All or none: the producer would take the first records of a batch and refuse the rest.
  if (!options.hasRoom(records.length, bytes)) return notPublished("overloaded");
  const admission = options.admission.admit([...parcels.values()]);
  // An immediate verdict needs no wait, during which other requests could fill the queue.
  const verdict = typeof admission === "string" ? admission : await admission;
  if (verdict !== "admitted") return notPublished(VERDICT_CODES[verdict]);
  return send(encoded, options);
}

/** The code of the answer for each verdict that refuses a request. */
const VERDICT_CODES = { stuck: "broker_unavailable", full: "overloaded" } as const;

/** The records of a request, and the parcel of each partition among theirs. */
interface Encoded {
  readonly records: readonly OutgoingRecord[];
  /** By record. */
  readonly parcelOf: readonly Parcel[];
  readonly parcels: ReadonlyMap<number, Parcel>;
  readonly bytes: number;
}

function encodeRecords(
  { events, kept = [] }: Content,
  { receivedAtMs, partitions }: PublishOptions,
): Encoded {
  const records: OutgoingRecord[] = [];
  const parcelOf: Parcel[] = [];
  const parcels = new Map<number, { -readonly [Key in keyof Parcel]: Parcel[Key] }>();
  let bytes = 0;
  const add = (record: OutgoingRecord, key: string, size: number): void => {
    records.push(record);
    bytes += size;
    const partition = partitionOf(key, partitions);
    let parcel = parcels.get(partition);
    if (parcel === undefined) {
      parcel = { partition, bytes: 0, records: 0, onStuck: null };
      parcels.set(partition, parcel);
    }
    parcel.bytes += size;
    parcel.records += 1;
    parcelOf.push(parcel);
  };
  for (const event of events) {
    const value = encodeEvent(event);
    const key = event.sessionId;
    add({ key, value, timestampMs: receivedAtMs }, key, Buffer.byteLength(value) + key.length);
  }
  for (const { key, value, headers, bytes: size } of kept) {
    add({ key, value, headers, timestampMs: receivedAtMs }, key, size);
  }
  return { records, parcelOf, parcels, bytes };
}

/** Hands over admitted records. Resolves with all reports, or when waiting has become pointless. */
function send(
  { records, parcelOf, parcels }: Encoded,
  { producer, topic, deadline, admission, failureCode }: PublishOptions,
): Promise<Published | PublishRefusal> {
  return new Promise((resolve) => {
    const deliveries: Delivery[] = [];
    let waiting = records.length;
    let failures: Set<ErrorCode> | null = null;
    const giveUp = (): void => {
      const code = "broker_unavailable";
      resolve(unknown(code, (failures ?? new Set<ErrorCode>()).add(code)));
    };
    deadline.onPassed(giveUp);
    for (const parcel of parcels.values()) parcel.onStuck = giveUp;
    producer.produceBatch(topic, records, (index, outcome) => {
      const parcel = parcelOf[index];
      if (parcel !== undefined) admission.settle(parcel, outcome);
      if (outcome instanceof PipelineError) (failures ??= new Set()).add(failureCode(outcome));
      else deliveries[index] = outcome;
      if (--waiting > 0) return;
      resolve(failures === null ? { kind: "published", deliveries } : failed(failures));
    });
  });
}

/** Nothing was handed to the client. */
function notPublished(code: "overloaded" | "broker_unavailable"): PublishRefusal {
  return { kind: "refused", code, codes: new Set([code]), isUnknown: false };
}

/** A retryable failure decides the answer when there is one: then the client should repeat. */
function failed(codes: Set<ErrorCode>): PublishRefusal {
  const [first = "internal"] = codes;
  return unknown([...codes].find((code) => ERRORS[code].retryable) ?? first, codes);
}

function unknown(code: ErrorCode, codes: ReadonlySet<ErrorCode>): PublishRefusal {
  return { kind: "refused", code, codes, isUnknown: true };
}
