/**
 * What became of resent dead letters, and the end of their bytes: looks at times
 * whether the rows' position has passed a copy, and blanks what has been resolved
 * for long. Apart from the statement that writes rows, which knows nothing of it.
 */
import type { Metrics } from "@tally/shared";
import { guarded, type Database } from "../database/database.ts";
import { startKeeper, type Keeper, type KeeperOptions } from "./periodic_task.ts";

export interface UpkeepOptions extends KeeperOptions {
  readonly sql: Database;
  readonly metrics: Pick<Metrics<"processor">, "processor_resends_ended_total">;
  /** Days for which a resolved dead letter keeps its bytes. */
  readonly keptDays: number;
}

/** Half of the time between a row and its letter's being resolved, about. */
const INTERVAL_MS = 1000;
/** Days are long: whether bytes are due is asked once in so many passes. */
const CLEAR_PASSES = 60;

/** Starts the loop. */
export function startUpkeep(options: UpkeepOptions): Keeper {
  const { sql, metrics, keptDays } = options;
  let passes = 0;
  return startKeeper(options, {
    intervalMs: INTERVAL_MS,
    failure: "Resent dead letters were not looked at; that is tried again.",
    async pass() {
      const judged = await judgeResends(sql);
      for (const { outcome, letters } of judged) {
        metrics.processor_resends_ended_total.inc({ outcome }, letters);
      }
      const isDue = passes++ % CLEAR_PASSES === 0;
      const cleared = isDue ? await clearResolved(sql, keptDays) : 0;
      // The next pass goes on with clearing.
      if (cleared === CLEARED_MAX) passes = 0;
      const sum = judged.reduce((total, { letters }) => total + letters, 0);
      return { hasMore: sum === JUDGED_MAX || cleared === CLEARED_MAX, error: null };
    },
  });
}

/** Resends judged in one statement. */
const JUDGED_MAX = 1000;

/** How many resends ended in one way. */
export interface Judged {
  readonly outcome: "stored" | "dead" | "lost";
  readonly letters: number;
}

/**
 * Judges the resends that the rows' position has passed: `dead` when there is a dead letter at the
 * same place, `stored` when the event is a row (also when that was there before), else `lost`: the
 * log gave it up before it was read, and the letter waits to be sent again.
 *
 * A letter is resolved by a row, or by the other letter that now stands for it; a row has the last
 * word.
 */
export async function judgeResends(sql: Database): Promise<Judged[]> {
  return await guarded(
    () => sql<Judged[]>`
      with judged as (
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
        limit ${JUDGED_MAX} for update of resend skip locked
      ), marked as (
        update dead_letter_resends resend set outcome = judged.outcome from judged
        where resend.log = judged.log and resend.partition = judged.partition
          and resend."offset" = judged."offset"
      ), ends as (
        select dead_letter, bool_or(outcome = 'stored') as is_stored, max(again) as again
        from judged where outcome <> 'lost' group by dead_letter
      ), resolved as (
        update dead_letters set resolved_at = coalesce(resolved_at, now()),
          superseded_by = case when not is_stored then again end
        from ends
        where id = dead_letter
          and (resolved_at is null or is_stored and superseded_by is not null)
      )
      select outcome, count(*)::integer as letters from judged group by outcome`,
  );
}

/** Letters blanked in one statement. */
const CLEARED_MAX = 500;

/**
 * Blanks the bytes of letters that were resolved more than `keptDays` days ago and are on the DLQ
 * topic. The row stays: archive and audit account for its offset by it.
 *
 * @returns How many; CLEARED_MAX: there may be more.
 */
export async function clearResolved(sql: Database, keptDays: number): Promise<number> {
  const rows = await guarded(
    () => sql`
      with due as (
        select id from dead_letters
        where resolved_at < now() - make_interval(days => ${keptDays}) and cleared_at is null
          and published_at is not null
        order by resolved_at limit ${CLEARED_MAX} for update skip locked
      ), told as (
        delete from dead_letter_resends
        where dead_letter in (select id from due) and outcome is not null
      )
      update dead_letters set key = null, value = null, headers = '[]', cleared_at = now()
      where id in (select id from due) returning 1`,
  );
  return rows.length;
}
