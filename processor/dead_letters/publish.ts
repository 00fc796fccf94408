/**
 * Publishes a few records of dead letters and waits for what becomes of each:
 * for the outbox to the DLQ topic, and for what is sent again.
 */
import { PipelineError } from "@tally/shared";
import type { Delivery, OutgoingRecord, Producer } from "@tally/shared/kafka";

/** The part of a producer that publishing needs. */
export type LetterProducer = Pick<Producer, "produceBatch">;

export interface PublishOptions {
  readonly producer: LetterProducer;
  readonly topic: string;
  /** Gives up what has no report yet. */
  readonly signal?: AbortSignal;
}

/** What became of one record: acknowledged, refused for what it is, or not stored now. */
export type Outcome =
  | { readonly state: "published"; readonly delivery: Delivery }
  | { readonly state: "refused" | "delayed"; readonly error: PipelineError };

/**
 * Key, value and headers of a record that is published as it is: below the topic's default limit of
 * 1 MiB, with room for the headers that are added.
 */
export const LETTER_BYTES_MAX = 900_000;

// Longer than the producer takes to give a record up.
const DELIVERY_WAIT_MS_MAX = 20_000;

/**
 * Publishes; resolves with an outcome for each record, in their order, when each has its report or
 * is given up. Never rejects.
 */
export async function publishLetters(
  records: readonly OutgoingRecord[],
  { producer, topic, signal }: PublishOptions,
): Promise<readonly Outcome[]> {
  if (records.length === 0) return [];
  const error = new PipelineError(
    "broker_unavailable",
    `Cannot publish to "${topic}": no report in time`,
  );
  const outcomes: Outcome[] = records.map(() => ({ state: "delayed", error }));
  const { promise, resolve } = Promise.withResolvers<void>();
  let open = records.length;
  producer.produceBatch(topic, records, (index, report) => {
    outcomes[index] = outcomeOf(report);
    open -= 1;
    if (open === 0) resolve();
  });
  const giveUp = (): void => resolve();
  const timer = setTimeout(giveUp, DELIVERY_WAIT_MS_MAX);
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted === true) giveUp();
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener("abort", giveUp);
  // A copy: a report that comes later changes nothing any more.
  return [...outcomes];
}

function outcomeOf(report: Delivery | PipelineError): Outcome {
  if (!(report instanceof PipelineError)) return { state: "published", delivery: report };
  const state = report.code === "broker_rejected" ? "refused" : "delayed";
  return { state, error: report };
}

/** The first failure among outcomes; null: there is none. */
export function firstFailure(outcomes: readonly Outcome[]): PipelineError | null {
  for (const outcome of outcomes) if (outcome.state !== "published") return outcome.error;
  return null;
}
