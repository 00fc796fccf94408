/**
 * Publishes a few records of dead letters and waits for the outcome of each. The
 * outbox to the DLQ topic and the resend use it.
 */
import { PipelineError, withinTime } from "@tally/shared";
import type { Delivery, OutgoingRecord, Producer } from "@tally/shared/kafka";

/** The part of a producer that publishing needs. */
export type LetterProducer = Pick<Producer, "produceBatch">;

export interface PublishOptions {
  readonly producer: LetterProducer;
  readonly topic: string;
  /** When aborted, the call resolves at once, and records without a report are `delayed`. */
  readonly signal?: AbortSignal;
}

/** The outcome of one record. */
export type PublishOutcome =
  /** Kafka acknowledged it. */
  | { readonly kind: "published"; readonly delivery: Delivery }
  /** Kafka refuses this record (its size, for example); a repeat would not help. */
  | { readonly kind: "refused"; readonly error: PipelineError }
  /** It is unknown whether Kafka has stored it; a repeat may help. */
  | { readonly kind: "delayed"; readonly error: PipelineError };

/**
 * Largest key, value and headers together of a record that is published as it is: below the topic's
 * default limit of 1 MiB, with room for the headers that are added.
 */
export const LETTER_BYTES_MAX = 900_000;

/** Longer than the producer takes to give a record up. */
const DELIVERY_WAIT_MS_MAX = 20_000;

/**
 * Publishes records. Resolves with one outcome per record, in their order, when each has its report
 * or is given up. Never rejects.
 */
export async function publishLetters(
  records: readonly OutgoingRecord[],
  { producer, topic, signal }: PublishOptions,
): Promise<readonly PublishOutcome[]> {
  if (records.length === 0) return [];
  const error = new PipelineError(
    "broker_unavailable",
    `Cannot publish to "${topic}": no report in time`,
  );
  const outcomes: PublishOutcome[] = records.map(() => ({ kind: "delayed", error }));
  const { promise, resolve } = Promise.withResolvers<void>();
  let open = records.length;
  producer.produceBatch(topic, records, (index, report) => {
    outcomes[index] = outcomeOf(report);
    open -= 1;
    if (open === 0) resolve();
  });
  await withinTime(promise, DELIVERY_WAIT_MS_MAX, signal);
  // A copy: a later report must not change what the caller got.
  return [...outcomes];
}

function outcomeOf(report: Delivery | PipelineError): PublishOutcome {
  if (!(report instanceof PipelineError)) return { kind: "published", delivery: report };
  const kind = report.code === "broker_rejected" ? "refused" : "delayed";
  return { kind, error: report };
}

/** The first failure among outcomes, or null when there is none. */
export function firstFailure(outcomes: readonly PublishOutcome[]): PipelineError | null {
  for (const outcome of outcomes) if (outcome.kind !== "published") return outcome.error;
  return null;
}
