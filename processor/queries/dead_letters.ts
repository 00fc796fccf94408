/**
 * `GET /dead-letters` and `GET /dead-letters/{id}`: what was set aside, why, and its exact bytes.
 */
import { ERRORS, type ErrorCode } from "@tally/shared";
import { isUtf8 } from "node:buffer";
import type { Database, Fragment } from "../database.ts";
import { decodeHeaders } from "../dead_letter.ts";
import {
  CURSOR_NUMBER,
  encodeCursor,
  PAGE_ROWS_DEFAULT,
  parseChoice,
  parseCursor,
  parseLimit,
  readParameters,
  type ParameterFault,
  type Parameters,
} from "./parameters.ts";
import { printTime } from "./time.ts";

/** What may be asked for. */
export interface DeadLettersQuery {
  readonly code: ErrorCode;
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
}

/** Reads the parameters. */
export function readDeadLettersQuery(
  search: URLSearchParams,
): Parameters<DeadLettersQuery> | ParameterFault {
  return readParameters<DeadLettersQuery>(search, {
    code: parseChoice(Object.keys(ERRORS) as ErrorCode[]),
    limit: parseLimit,
    after: parseCursor([CURSOR_NUMBER]),
  });
}

/** Reads a page. */
export async function findDeadLetters(
  sql: Database,
  { code, after, limit = PAGE_ROWS_DEFAULT }: Parameters<DeadLettersQuery>,
): Promise<DeadLettersPage> {
  const rows = await sql<DeadLetterSummary[]>`
    select ${summary(sql)} from dead_letters join logs using (log)
    where true
      ${code === undefined ? sql`` : sql`and code = ${code}`}
      ${after === undefined ? sql`` : sql`and id < ${after[0] ?? null}::bigint`}
    order by id desc limit ${limit + 1}`;
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
    })[]
  >`
    select ${summary(sql)}, record_timestamp_ms::text as "recordTimestampMs", key, value, headers
    from dead_letters join logs using (log) where id = ${id}::bigint`;
  if (row === undefined) return null;
  return {
    ...row,
    key: toBytes(row.key),
    value: toBytes(row.value),
    headers: decodeHeaders(row.headers).map(({ key, value }) => ({ key, value: toBytes(value) })),
  };
}

function summary(sql: Database): Fragment {
  return sql`id::text, code, pointer, message, topic, partition, "offset"::text as "offset", event_id as "eventId",
    ${printTime(sql, "dead_letters.first_seen")} as "firstSeen", ${printTime(sql, "published_at")} as "publishedAt"`;
}

function toBytes(bytes: Buffer | null): Bytes | null {
  if (bytes === null) return null;
  return { base64: bytes.toString("base64"), text: isUtf8(bytes) ? bytes.toString() : null };
}
