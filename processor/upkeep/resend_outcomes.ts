/**
 * Finds out what became of resent dead letters: once the rows' position has passed a copy,
 * records its outcome and resolves the letter. Letters that were resolved long ago lose
 * their bytes. The statement that writes rows knows nothing of this.
 */
import type { Metrics } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import { startPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from "./periodic_task.ts";

export interface ResendOutcomesOptions extends PeriodicTaskOptions {
  readonly sql: Database;
  readonly metrics: Pick<Metrics<"processor">, "processor_resends_ended_total">;
  /** Days for which a resolved dead letter keeps its bytes. */
  readonly keptDays: number;
}

/** A letter is resolved on average half this interval after its row is written. */
const INTERVAL_MS = 2000; // chosen: each pass costs an idle machine a statement
/** Bytes are kept for days, so only one pass in this many looks for bytes to blank. */
const CLEAR_PASSES = 60;

/** Starts the task. */
export function startResendOutcomes(options: ResendOutcomesOptions): PeriodicTask {
  const { sql, metrics, keptDays } = options;
  let passes = 0;
  return startPeriodicTask(options, {
    intervalMs: INTERVAL_MS,
    failure: "Resent dead letters were not checked; this is retried automatically.",
    async pass() {
      const marked = await markOutcomes(sql);
      for (const { outcome, letters } of marked) {
        metrics.processor_resends_ended_total.inc({ outcome }, letters);
      }
      const isDue = passes++ % CLEAR_PASSES === 0;
      const cleared = isDue ? await clearResolved(sql, keptDays) : 0;
      // The next pass clears more.
      if (cleared === CLEARED_MAX) passes = 0;
      const sum = marked.reduce((total, { letters }) => total + letters, 0);
      return { hasMore: sum === MARKED_MAX || cleared === CLEARED_MAX, error: null };
    },
  });
}

/** Resends marked in one statement. */
const MARKED_MAX = 1000;

/** How many resends had one outcome. */
export interface OutcomeCount {
  readonly outcome: "stored" | "dead" | "lost";
  readonly letters: number;
}

/**
 * Marks the outcome of resends that the rows' position has passed:
 * - `dead`: there is a dead letter at the copy's place;
 * - `stored`: the event is a row, also when it was one before;
 * - `lost`: Kafka deleted the copy before it was read, and the letter can be sent again.
 *
 * A letter is resolved by a row, or by the new letter that supersedes it. A row outranks a letter.
 */
export async function markOutcomes(sql: Database): Promise<OutcomeCount[]> {
  return await guarded(
    sql,
    () => sql<OutcomeCount[]>`
      with finished as (
        select resend.log, resend.partition, resend."offset", resend.dead_letter, again.id as again,
          case when again.id is not null then 'dead'
            when exists (select from web_events where web_events.event_id = resend.event_id) then 'stored'
            else 'lost' end as outcome
        from dead_letter_resends resend
        join positions position on position.sink = 'postgres' and position.log = resend.log
          and position.partition = resend.partition and position.next_offset > resend."offset"
        left join dead_letters again on again.log = resend.log
          and again.partition = resend.partition and again."offset" = resend."offset"
        where resend.outcome is null
        limit ${MARKED_MAX} for update of resend skip locked
      ), marked as (
        update dead_letter_resends resend set outcome = finished.outcome from finished
        where resend.log = finished.log and resend.partition = finished.partition
          and resend."offset" = finished."offset"
      ), ends as (
        select dead_letter, bool_or(outcome = 'stored') as is_stored, max(again) as again
        from finished where outcome <> 'lost' group by dead_letter
      ), resolved as (
        update dead_letters set resolved_at = coalesce(resolved_at, now()),
          superseded_by = case when not is_stored then again end
        from ends
        where id = dead_letter
          and (resolved_at is null or is_stored and superseded_by is not null)
      )
      select outcome, count(*)::integer as letters from finished group by outcome`,
  );
}

/** Letters blanked in one statement. */
const CLEARED_MAX = 500;

/**
 * Blanks the bytes of letters that were resolved more than `keptDays` days ago and are on the DLQ
 * topic. The row stays, because archive and audit account for its offset with it.
 *
 * @returns How many; when it is CLEARED_MAX there may be more.
 */
export async function clearResolved(sql: Database, keptDays: number): Promise<number> {
  const rows = await guarded(
    sql,
    () => sql`
      with due as (
        select id from dead_letters
        where resolved_at < now() - make_interval(days => ${keptDays}) and cleared_at is null
          and published_at is not null
        order by resolved_at limit ${CLEARED_MAX} for update skip locked
      ), forgotten as (
        delete from dead_letter_resends
        where dead_letter in (select id from due) and outcome is not null
      )
      update dead_letters set key = null, value = null, headers = '[]', cleared_at = now()
      where id in (select id from due) returning 1`,
  );
  return rows.length;
}
