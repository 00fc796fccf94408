/**
 * `GET /dead-letters` and `GET /dead-letters/{id}`: which records were set aside and why,
 * their exact bytes, and what became of each resend.
 */
import { isUtf8 } from "node:buffer";
import type { Database, Fragment } from "@tally/shared/database";
import type {
  Bytes,
  DeadLetterDetail,
  DeadLettersPage,
  DeadLetterSummary,
  Resend,
} from "@tally/shared/dead_letters";
import { decodeHeaders } from "../../dead_letters/dead_letter.ts";
import type { DeadLettersQuery } from "../schemas.ts";
import { DEAD_LETTER_ID, encodeCursor } from "./cursor.ts";
import { printTime } from "./time.ts";

/** Reads a page. */
export async function findDeadLetters(
  sql: Database,
  { code, partition, after, limit }: DeadLettersQuery,
): Promise<DeadLettersPage> {
  const rows = await sql<DeadLetterSummary[]>`
    select ${summary(sql)} from dead_letters join logs using (log)
    where true
      ${code === undefined ? sql`` : sql`and code = ${code}`}
      ${partition === undefined ? sql`` : sql`and partition = ${partition}`}
      ${after === undefined ? sql`` : sql`and id < ${after[0] ?? null}::bigint`}
    order by dead_letters.id desc limit ${limit + 1}`;
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { deadLetters: shown, next: last === undefined ? null : encodeCursor([last.id]) };
}

/** Whether a text can be the id of a dead letter. */
export function isDeadLetterId(text: string): boolean {
  return DEAD_LETTER_ID.test(text);
}

/** Reads one dead letter, or null when there is none. */
export async function findDeadLetter(sql: Database, id: string): Promise<DeadLetterDetail | null> {
  const [row] = await sql<
    (DeadLetterSummary & {
      recordTimestampMs: string;
      key: Buffer | null;
      value: Buffer | null;
      headers: Buffer;
      resendsTotal: number;
      copyOf: string | null;
    })[]
  >`
    select ${summary(sql)}, record_timestamp_ms::text as "recordTimestampMs", key, value, headers,
      (select count(*)::integer from dead_letter_resends where dead_letter = id) as "resendsTotal",
      (select copy.dead_letter::text from dead_letter_resends copy
        where copy.log = dead_letters.log and copy.partition = dead_letters.partition
          and copy."offset" = dead_letters."offset") as "copyOf"
    from dead_letters join logs using (log) where id = ${id}::bigint`;
  if (row === undefined) return null;
  return {
    ...row,
    key: toBytes(row.key),
    value: toBytes(row.value),
    headers: decodeHeaders(row.headers).map(({ key, value }) => ({ key, value: toBytes(value) })),
    resends: await findResends(sql, id),
  };
}

const RESENDS_SHOWN_MAX = 100;

async function findResends(sql: Database, id: string): Promise<Resend[]> {
  return await sql<Resend[]>`
    select ${printTime(sql, "resend.resent_at")} as "resentAt", logs.topic, resend.partition,
      resend."offset"::text as "offset", resend.event_id as "eventId",
      coalesce(resend.outcome, 'waiting') as outcome,
      case when resend.outcome = 'dead' then again.id::text end as "deadLetterId"
    from dead_letter_resends resend join logs using (log)
    left join dead_letters again on again.log = resend.log
      and again.partition = resend.partition and again."offset" = resend."offset"
    where resend.dead_letter = ${id}::bigint
    order by resend.resent_at desc, resend."offset" desc limit ${RESENDS_SHOWN_MAX}`;
}

function summary(sql: Database): Fragment {
  return sql`id::text, code, pointer, message, topic, partition, "offset"::text as "offset", event_id as "eventId",
    ${printTime(sql, "dead_letters.first_seen")} as "firstSeen", ${printTime(sql, "published_at")} as "publishedAt",
    case when superseded_by is not null then 'superseded' when resolved_at is not null then 'resolved'
      when exists (select from dead_letter_resends where dead_letter = id and outcome is null) then 'resent'
      else 'open' end as state,
    ${printTime(sql, "resolved_at")} as "resolvedAt", superseded_by::text as "supersededBy",
    ${printTime(sql, "cleared_at")} as "clearedAt"`;
}

function toBytes(bytes: Buffer | null): Bytes | null {
  if (bytes === null) return null;
  return { base64: bytes.toString("base64"), text: isUtf8(bytes) ? bytes.toString() : null };
}
