/**
 * Reads the evidence of a verdict from its sources: the database, the bucket and
 * Kafka. Uses no code of the services that it judges.
 */
import type { Ledger } from "../../driver/ledger.ts";
import type { System } from "../../system/system.ts";
import type { RunOfEvents } from "../sending/events.ts";
import { FoundEvents, type FoundEvent } from "./found_events.ts";

/** One sink's row of one partition. */
export interface PositionEvidence {
  readonly sink: "postgres" | "archive";
  readonly partition: number;
  readonly nextOffset: number;
  readonly records: number;
  readonly events: number;
  readonly duplicates: number;
  readonly deadLetters: number;
  readonly stopped: string | null;
}

/** One range of the archive, and what its object holds. */
export interface RangeEvidence {
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly key: string | null;
  readonly state: string;
  readonly events: number;
  readonly sha256: string;
  /** Null when no object has this key. */
  readonly object: { readonly sha256: string; readonly lines: number } | null;
}

/** A record that became a dead letter. */
export interface DeadLetterEvidence {
  readonly partition: number;
  readonly offset: number;
  readonly code: string;
}

/** Rows that are counted for a minute (60 s) or a quarter of an hour (900 s), and a type. */
export interface CountEvidence {
  /** `2026-01-31T07:15` */
  readonly start: string;
  readonly seconds: number;
  /** Null for types without a number. */
  readonly eventType: string | null;
  readonly events: number;
}

export interface Evidence {
  readonly journal: Ledger;
  readonly rows: FoundEvents;
  readonly lines: FoundEvents;
  readonly positions: readonly PositionEvidence[];
  /** High watermark of each partition. */
  readonly highWatermarks: ReadonlyMap<number, number>;
  readonly ranges: readonly RangeEvidence[];
  /** Objects below the run's prefix that belong to no range. */
  readonly unplannedKeys: readonly string[];
  readonly counts: readonly CountEvidence[];
  readonly duplicates: number;
  readonly deadLetters: readonly DeadLetterEvidence[];
  /** Offsets of which the rows' pipeline says that there was nothing to read. */
  readonly gapOffsets: number;
  /** Records that it says were deleted before they were read, as `partition:offset`. */
  readonly lost: ReadonlySet<string>;
}

/** Reads all of it; the system must be quiet. */
export async function readEvidence(
  system: System,
  run: RunOfEvents,
  journal: Ledger,
): Promise<Evidence> {
  const rows = new FoundEvents(run, journal.total);
  await readRows(system, rows);
  const lines = new FoundEvents(run, journal.total);
  const { ranges, unplannedKeys } = await readArchive(system, lines);
  const [{ duplicates, gapOffsets }] = await system.sql<
    [{ duplicates: number; gapOffsets: number }]
  >`
    select (select count(*)::integer from duplicate_events) as duplicates,
      (select coalesce(sum(offsets), 0)::integer from offset_gaps
        where sink = 'postgres' and not lost) as "gapOffsets"`;
  const lost = await system.sql<{ place: string }[]>`
    select partition || ':' || "offset" as place
    from offset_gaps, generate_series(first_offset, last_offset) as "offset"
    where sink = 'postgres' and lost`;
  const deadLetters = await system.sql<DeadLetterEvidence[]>`
    select partition, "offset"::integer as "offset", code from dead_letters order by id`;
  return {
    journal,
    rows,
    lines,
    positions: await readPositions(system),
    highWatermarks: await readHighWatermarks(system),
    ranges,
    unplannedKeys,
    counts: await readCounts(system),
    duplicates,
    deadLetters: [...deadLetters],
    gapOffsets,
    lost: new Set(lost.map(({ place }) => place)),
  };
}

/** Positions of both sinks. */
export async function readPositions({ sql }: Pick<System, "sql">): Promise<PositionEvidence[]> {
  const rows = await sql<PositionEvidence[]>`
    select sink, partition, next_offset::integer as "nextOffset", records::integer as records,
      events::integer as events, duplicates::integer as duplicates,
      dead_letters::integer as "deadLetters", stopped
    from positions order by sink, partition`;
  return [...rows];
}

async function readCounts({ sql }: System): Promise<CountEvidence[]> {
  const rows = await sql<CountEvidence[]>`
    select to_char(start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI') as start, seconds,
      event_type as "eventType", sum(events)::integer as events
    from counted_events('-infinity', 'infinity') group by 1, seconds, event_type`;
  return [...rows];
}

const WATERMARKS_MS_MAX = 10_000;

/** The high watermarks of every partition that the topic has now, by partition. */
export async function readHighWatermarks({
  admin,
  topic,
}: Pick<System, "admin" | "topic">): Promise<Map<number, number>> {
  const described = await admin.describeTopic(topic, WATERMARKS_MS_MAX);
  if (described === null) throw new Error(`Cannot judge: topic "${topic}" is gone`);
  const numbers = Array.from({ length: described.partitions }, (_, partition) => partition);
  const watermarks = await admin.watermarks(topic, numbers, WATERMARKS_MS_MAX);
  if (watermarks.size < numbers.length) {
    throw new Error(`Cannot judge: ${watermarks.size} of ${numbers.length} partitions answer`);
  }
  return new Map([...watermarks].map(([partition, { high }]) => [partition, Number(high)]));
}

/** Rows per query: some megabytes. */
const ROWS_AT_ONCE = 20_000;
/** The format of times in a record. */
const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

interface Row extends Omit<FoundEvent, "payload"> {
  readonly payload: string;
}

async function readRows({ sql }: System, rows: FoundEvents): Promise<void> {
  for (let after = ""; ;) {
    const some = await sql<Row[]>`
      select event_id as "eventId", session_id as "sessionId", event_type as "eventType",
        to_char(ts at time zone 'UTC', ${sql.unsafe(TIME)}) as ts,
        to_char(received_at at time zone 'UTC', ${sql.unsafe(TIME)}) as "receivedAt",
        payload::text as payload
      from web_events where event_id > ${after} order by event_id limit ${ROWS_AT_ONCE}`;
    for (const row of some) rows.add({ ...row, payload: JSON.parse(row.payload) as unknown });
    const last = some.at(-1);
    if (last === undefined) return;
    after = last.eventId;
  }
}

/** Parallel downloads. */
const DOWNLOADS_MAX = 8;

async function readArchive(
  system: System,
  lines: FoundEvents,
): Promise<{ ranges: RangeEvidence[]; unplannedKeys: string[] }> {
  const planned = [
    ...(await system.sql<Omit<RangeEvidence, "object">[]>`
      select partition, first_offset::integer as "firstOffset", last_offset::integer as "lastOffset",
        key, state, events::integer as events, sha256
      from archive_objects order by partition, first_offset`),
  ];
  const store = storeOf(system);
  const ranges: RangeEvidence[] = [];
  const waiting = [...planned];
  const readNext = async (): Promise<void> => {
    for (let range = waiting.pop(); range !== undefined; range = waiting.pop()) {
      const object = range.key === null ? null : await readObject(store, range.key, lines);
      ranges.push({ ...range, object });
    }
  };
  await Promise.all(Array.from({ length: DOWNLOADS_MAX }, readNext));
  ranges.sort((a, b) => a.partition - b.partition || a.firstOffset - b.firstOffset);
  const keys = new Set(planned.map(({ key }) => key));
  const listed = await listKeys(store, `${system.bucket.keyPrefix}/`);
  return { ranges, unplannedKeys: listed.filter((key) => !keys.has(key)) };
}

function storeOf({ stack }: System): Bun.S3Client {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = stack.s3;
  return new Bun.S3Client({ endpoint, bucket, region, accessKeyId, secretAccessKey });
}

async function readObject(
  store: Bun.S3Client,
  key: string,
  lines: FoundEvents,
): Promise<RangeEvidence["object"]> {
  const file = store.file(key);
  if (!(await file.exists())) return null;
  const bytes = await file.bytes();
  const texts = new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n");
  // Every line ends with a line feed, so nothing follows the last one.
  const rest = texts.pop();
  if (rest !== "") return { sha256: "a line without its end", lines: texts.length };
  for (const text of texts) lines.add(JSON.parse(text) as FoundEvent);
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
  return { sha256, lines: texts.length };
}

async function listKeys(store: Bun.S3Client, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let continuationToken: string | undefined;
  do {
    const answer = await store.list({
      prefix,
      ...(continuationToken === undefined ? {} : { continuationToken }),
    });
    keys.push(...(answer.contents ?? []).map(({ key }) => key));
    continuationToken = answer.isTruncated === true ? answer.nextContinuationToken : undefined;
  } while (continuationToken !== undefined);
  return keys;
}
