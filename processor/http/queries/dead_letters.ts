/**
 * `GET /dead-letters` and `GET /dead-letters/{id}`: what was set aside, why, its exact bytes, and
 * what became of it.
 */
import { ERRORS, type ErrorCode } from "@tally/shared";
import { isUtf8 } from "node:buffer";
import type { Database, Fragment } from "../../database/database.ts";
import { decodeHeaders } from "../../dead_letters/dead_letter.ts";
import {
  CURSOR_NUMBER,
  encodeCursor,
  PAGE_ROWS_DEFAULT,
  parseChoice,
  parseCursor,
  parseLimit,
  parsePartition,
  readParameters,
  type ParameterFault,
  type Parameters,
} from "./parameters.ts";
import { printTime } from "./time.ts";

/** What may be asked for. */
export interface DeadLettersQuery {
  readonly code: ErrorCode;
  readonly partition: number;
  readonly limit: number;
  /** Id of the last one of the page before. */
  readonly after: readonly string[];
}

/** One dead letter without its bytes. */
export interface DeadLetterSummary {
  readonly id: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly eventId: string | null;
  readonly firstSeen: string;
  /** When it reached the DLQ topic; null: not yet. */
  readonly publishedAt: string | null;
  readonly state: DeadLetterState;
  /** When its event became a row or another letter took its place; null: it is left to do. */
  readonly resolvedAt: string | null;
  /** The letter that its resend became. */
  readonly supersededBy: string | null;
  /** When key, value and headers were blanked; null: they are there. */
  readonly clearedAt: string | null;
}

/**
 * `open`: nobody resent it, or the log lost the copy. `resent`: a copy is on its way. `superseded`:
 * the copy is a dead letter, too, and that one counts. `resolved`: its event is a row.
 */
export type DeadLetterState = "open" | "resent" | "superseded" | "resolved";

/** One copy that Kafka has acknowledged. */
export interface Resend {
  readonly resentAt: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Of the event that it holds; null: it holds none. */
  readonly eventId: string | null;
  /** `waiting` until the rows' position has passed it. */
  readonly outcome: "waiting" | "stored" | "dead" | "lost";
  /** The dead letter that it became. */
  readonly deadLetterId: string | null;
}

/** Newest first; `next` is null at the end. */
export interface DeadLettersPage {
  readonly deadLetters: readonly DeadLetterSummary[];
  readonly next: string | null;
}

/** Exact bytes; the text beside them when they are valid UTF-8. */
export interface Bytes {
  readonly base64: string;
  readonly text: string | null;
}

/** One dead letter with its bytes. */
export interface DeadLetterDetail extends DeadLetterSummary {
  /** Kafka's timestamp of the record, ms since 1970; negative: it had none. */
  readonly recordTimestampMs: string;
  readonly key: Bytes | null;
  readonly value: Bytes | null;
  readonly headers: readonly { readonly key: string; readonly value: Bytes | null }[];
  /** All there were, until the bytes are cleared. */
  readonly resendsTotal: number;
  /** The newest ones first, at most 100. */
  readonly resends: readonly Resend[];
}

/** Reads the parameters. */
export function readDeadLettersQuery(
  search: URLSearchParams,
): Parameters<DeadLettersQuery> | ParameterFault {
  return readParameters<DeadLettersQuery>(search, {
    code: parseChoice(Object.keys(ERRORS) as ErrorCode[]),
    partition: parsePartition,
    limit: parseLimit,
    after: parseCursor([CURSOR_NUMBER]),
  });
}

/** Reads a page. */
export async function findDeadLetters(
  sql: Database,
  { code, partition, after, limit = PAGE_ROWS_DEFAULT }: Parameters<DeadLettersQuery>,
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
  return CURSOR_NUMBER.test(text);
}

/** Reads one; null when there is none. */
export async function findDeadLetter(sql: Database, id: string): Promise<DeadLetterDetail | null> {
  const [row] = await sql<
    (DeadLetterSummary & {
      recordTimestampMs: string;
      key: Buffer | null;
      value: Buffer | null;
      headers: Buffer;
      resendsTotal: number;
    })[]
  >`
    select ${summary(sql)}, record_timestamp_ms::text as "recordTimestampMs", key, value, headers,
      (select count(*)::integer from dead_letter_resends where dead_letter = id) as "resendsTotal"
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
