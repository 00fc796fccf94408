/**
 * Dead letters in their table, as a resend reads, claims and records them. Two resends never have
 * the same letter, in whichever processes they run.
 */
import { guarded, type Database, type Fragment } from "@tally/shared/database";
import type { TopicLog } from "../pipeline/positions.ts";
import { LETTER_BYTES_MAX } from "./publish.ts";

/** Which letters, oldest first. */
export interface UnresolvedQuery {
  readonly code: string;
  readonly limit: number;
  /** Only letters after this id, or null to begin with the oldest. */
  readonly after: string | null;
}

/** Where letters are read, and the log that copies go to now. */
export interface Letters {
  readonly sql: Database;
  readonly topicLog: TopicLog;
}

/** A letter with what its resend depends on. */
export interface LetterRow {
  readonly id: string;
  readonly topic_id: string;
  readonly partition: number;
  readonly offset: string;
  readonly code: string;
  readonly record_timestamp_ms: string;
  readonly is_superseded: boolean;
  readonly is_cleared: boolean;
  /** Whether no copy of it is on its way, and no other resend has claimed it. */
  readonly is_free: boolean;
  readonly resending_until: string | null;
  readonly is_large: boolean;
  /** Key, value and headers are null when they are too large. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Buffer | null;
}

/** Reads one letter. */
export async function readLetter(letters: Letters, id: string): Promise<LetterRow | undefined> {
  const [letter] = await guarded(
    letters.sql,
    () => letters.sql<LetterRow[]>`select ${columns(letters)} where letter.id = ${id}::bigint`,
  );
  return letter;
}

/** The columns of a letter that a resend needs, with their `from`. */
function columns(letters: Letters): Fragment {
  const { sql } = letters;
  return sql`
    letter.id::text, logs.topic_id, letter.partition, letter."offset"::text as "offset", letter.code,
    letter.record_timestamp_ms::text, letter.superseded_by is not null as is_superseded,
    letter.cleared_at is not null as is_cleared, (${isFree(letters)}) as is_free,
    letter.resending_until::text, size.is_large,
    case when not size.is_large then letter.key end as key,
    case when not size.is_large then letter.value end as value,
    case when not size.is_large then letter.headers end as headers
    from dead_letters letter join logs using (log) cross join lateral (
      select coalesce(octet_length(letter.key), 0) + coalesce(octet_length(letter.value), 0)
        + octet_length(letter.headers) > ${LETTER_BYTES_MAX} as is_large
    ) as size`;
}

/**
 * Longer than a resend may take: publishing waits 20 s at most, and a statement of the viewers'
 * pool 5 s. The claim of a process that was killed ends by itself.
 */
const CLAIM_SECONDS = 60;

/**
 * A claim that is longer than any is from before the server's clock was set back. A copy in a log
 * that was replaced never gets an outcome.
 */
function isFree({ sql, topicLog }: Letters): Fragment {
  return sql`
    (letter.resending_until is null or letter.resending_until <= now()
      or letter.resending_until > now() + make_interval(secs => ${CLAIM_SECONDS}))
    and not exists (
      select from dead_letter_resends resend
      where resend.dead_letter = letter.id and resend.outcome is null
        and resend.log = ${topicLog.logNumber}
    )`;
}

/** Unresolved letters without a copy on its way. */
function unresolved(letters: Letters, { code, after }: UnresolvedQuery): Fragment {
  const { sql } = letters;
  return sql`
    where letter.code = ${code} and letter.resolved_at is null
      ${after === null ? sql`` : sql`and letter.id > ${after}::bigint`}
      and ${isFree(letters)}`;
}

/** Reads a page of them, oldest first. */
export function readUnresolved(letters: Letters, query: UnresolvedQuery): Promise<LetterRow[]> {
  return guarded(
    letters.sql,
    () => letters.sql<LetterRow[]>`
      select ${columns(letters)} ${unresolved(letters, query)} order by letter.id limit ${query.limit}`,
  );
}

/** Whether there are any. */
export async function hasUnresolved(letters: Letters, query: UnresolvedQuery): Promise<boolean> {
  const rows = await guarded(
    letters.sql,
    () => letters.sql`select from dead_letters letter ${unresolved(letters, query)} limit 1`,
  );
  return rows.length > 0;
}

/**
 * Claims letters that were free when they were read, and leaves out those that another resend has
 * claimed since: `resending_until` differs then, also when that resend has ended.
 */
export async function claim(
  sql: Database,
  letters: readonly LetterRow[],
): Promise<readonly LetterRow[]> {
  if (letters.length === 0) return [];
  const wanted = JSON.stringify(letters.map((row) => ({ id: row.id, until: row.resending_until })));
  const claimed = await guarded(
    sql,
    () => sql<{ id: string }[]>`
      with free as (
        select letter.id from dead_letters letter
        join jsonb_to_recordset(${wanted}::text::jsonb) as wanted (id bigint, until timestamptz)
          on wanted.id = letter.id and wanted.until is not distinct from letter.resending_until
        where letter.superseded_by is null
        order by letter.id for update of letter
      )
      update dead_letters set resending_until = now() + make_interval(secs => ${CLAIM_SECONDS})
      from free where dead_letters.id = free.id returning dead_letters.id::text`,
  );
  const ids = new Set(claimed.map(({ id }) => id));
  return letters.filter(({ id }) => ids.has(id));
}

/** One copy that Kafka has acknowledged: a row of `dead_letter_resends`. */
export interface Copy {
  readonly log: number;
  readonly partition: number;
  readonly offset: string;
  readonly dead_letter: string;
  readonly event_id: string | null;
}

/** Records one row per copy under its place in the log, and ends the claims, in one statement. */
export async function endClaims(
  sql: Database,
  claimed: readonly LetterRow[],
  copies: readonly Copy[],
): Promise<void> {
  if (claimed.length === 0) return;
  const ids = `{${claimed.map(({ id }) => id)}}`;
  await guarded(
    sql,
    () => sql`
      with ended as (
        update dead_letters set resending_until = now() where id = any(${ids}::bigint[])
      )
      insert into dead_letter_resends (log, partition, "offset", dead_letter, event_id)
      select log, partition, "offset", dead_letter, event_id
      from jsonb_to_recordset(${JSON.stringify(copies)}::text::jsonb) as copy (
        log smallint, partition integer, "offset" bigint, dead_letter bigint, event_id text
      )
      on conflict do nothing`,
  );
}
