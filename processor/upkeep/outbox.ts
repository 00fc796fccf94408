/**
 * The outbox of dead letters: publishes each from the table to the DLQ topic, at least
 * once, and marks it afterwards. An outage only delays this and stops nothing else (P8).
 */
import type { Config, Metrics } from "@tally/shared";
import type { Delivery } from "@tally/shared/kafka";
import { guarded, type Database } from "@tally/shared/database";
import { writeCopy, type PublishedLetter } from "../dead_letters/letter_copy.ts";
import type { LetterTopic } from "../dead_letters/letter_topic.ts";
import {
  firstFailure,
  LETTER_BYTES_MAX,
  publishLetters,
  type LetterProducer,
  type PublishOutcome,
} from "../dead_letters/publish.ts";
import { startPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from "./periodic_task.ts";

export interface OutboxOptions extends PeriodicTaskOptions {
  readonly sql: Database;
  readonly producer: LetterProducer;
  readonly kafka: Pick<Config<"processor">["kafka"], "dlqTopic">;
  /** Notes what was published: the database knows these letters. */
  readonly letterTopic: Pick<LetterTopic, "notePublished">;
  readonly metrics: Pick<Metrics<"processor">, "processor_dead_letters_unpublished">;
}

/**
 * Starts the task. When it stops, letters that Kafka has not acknowledged can be published by
 * another processor.
 */
export function startOutbox(options: OutboxOptions): PeriodicTask {
  return startPeriodicTask(options, {
    intervalMs: IDLE_INTERVAL_MS,
    // Logged once per outage; the gauge shows how long it lasts.
    failure:
      "Dead letters were not published; they stay in the table and are retried automatically.",
    async pass(signal) {
      const { leased, error } = await publishDeadLetters(options, signal);
      return { hasMore: leased === LEASED_MAX, error };
    },
  });
}

/** Dead letters leased at once: 32 times 900 kB in memory when they are the largest. */
const LEASED_MAX = 32;
/** A dead letter is published on average half this interval after its row is written. */
const IDLE_INTERVAL_MS = 2000; // chosen: each pass costs an idle machine a statement
/**
 * Longer than the producer takes to give a record up, so that two processors rarely publish the
 * same letter.
 */
const LEASE_SECONDS = 30;
/** Counting stops here: a larger number has no further meaning. */
const COUNTED_MAX = 100_000;

/** The result of one pass. */
export interface OutboxPass {
  readonly leased: number;
  readonly published: number;
  /** Why the first letter that failed could not be published, or null when none failed. */
  readonly error: unknown;
}

/**
 * One pass: leases letters that wait, publishes them, marks those that were acknowledged.
 *
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function publishDeadLetters(
  options: OutboxOptions,
  signal: AbortSignal,
): Promise<OutboxPass> {
  const { sql, metrics, producer, kafka, letterTopic } = options;
  const publish = { producer, topic: kafka.dlqTopic, signal };
  const letters = await lease(sql);
  const outcomes = await publishLetters(
    letters.map((letter) => writeCopy(letter, letter.is_large)),
    publish,
  );
  const tooLarge = letters.filter(
    (letter, index) => outcomes[index]?.kind === "refused" && !letter.is_large,
  );
  // The topic's limit is below LETTER_BYTES_MAX: send pointers to the table, as for large letters.
  const pointers = await publishLetters(
    tooLarge.map((letter) => writeCopy(letter, true)),
    publish,
  );
  const published = [
    ...letters.filter((_, index) => outcomes[index]?.kind === "published"),
    ...tooLarge.filter((_, index) => pointers[index]?.kind === "published"),
  ].map(({ id }) => id);
  const failed = letters.map(({ id }) => id).filter((id) => !published.includes(id));
  await markPublished(sql, published, failed);
  await letterTopic.notePublished([...outcomes, ...pointers].flatMap(deliveryOf));
  metrics.processor_dead_letters_unpublished.set(await countUnpublished(sql));
  const isDone = failed.length === 0;
  return {
    leased: letters.length,
    published: published.length,
    error: isDone ? null : (firstFailure(pointers) ?? firstFailure(outcomes)),
  };
}

interface LeasedLetter extends PublishedLetter {
  readonly is_large: boolean;
}

function deliveryOf(outcome: PublishOutcome): Delivery[] {
  return outcome.kind === "published" ? [outcome.delivery] : [];
}

/**
 * Leases letters that wait and that no other processor holds. One statement, so that no transaction
 * stays open while they are published.
 */
function lease(sql: Database): Promise<LeasedLetter[]> {
  return guarded(
    sql,
    () => sql<LeasedLetter[]>`
      with leased as (
        update dead_letters set leased_until = now() + make_interval(secs => ${LEASE_SECONDS})
        where id in (
          select id from dead_letters
          where published_at is null
            -- A lease longer than any is from before the server's clock was set back.
            and (leased_until is null or leased_until < now()
              or leased_until > now() + make_interval(secs => ${LEASE_SECONDS}))
          order by id limit ${LEASED_MAX} for update skip locked
        )
        returning *,
          coalesce(octet_length(key), 0) + coalesce(octet_length(value), 0) + octet_length(headers) > ${LETTER_BYTES_MAX} as is_large
      )
      select id::text, topic, topic_id, partition, "offset"::text as "offset", code, pointer, message,
        event_id, is_large,
        case when not is_large then key end as key, case when not is_large then value end as value,
        case when not is_large then headers end as headers, record_timestamp_ms::text
      from leased join logs using (log) order by leased.id`,
  );
}

/**
 * Marks letters that are on the topic, and ends the lease of those that are not, so that they need
 * not wait for it to expire.
 */
async function markPublished(
  sql: Database,
  published: readonly string[],
  failed: readonly string[],
): Promise<void> {
  if (published.length + failed.length === 0) return;
  await guarded(
    sql,
    () => sql`
      update dead_letters set leased_until = null,
        published_at = case when id = any(${idArray(published)}::bigint[]) then now() end
      where id = any(${idArray([...published, ...failed])}::bigint[]) and published_at is null`,
  );
}

/** The text form of an array of ids. */
function idArray(ids: readonly string[]): string {
  return `{${ids}}`;
}

async function countUnpublished(sql: Database): Promise<number> {
  const [row] = await guarded(
    sql,
    () => sql<{ letters: number }[]>`
      select count(*)::integer as letters
      from (select from dead_letters where published_at is null limit ${COUNTED_MAX}) as unpublished`,
  );
  return row?.letters ?? 0;
}
