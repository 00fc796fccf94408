/**
 * The rows: one batch becomes rows, duplicates, dead letters and a moved
 * position in one statement, so that a crash leaves all of it or nothing (P3).
 */
import {
  PipelineError,
  countLatency,
  emptyHistogram,
  isRecordFault,
  type DecodedEvent,
} from "@tally/shared";
import { errorDetail, guarded, sqlState, translate, type Database } from "./database.ts";
import { deadLetter, type DeadLetter } from "./dead_letter.ts";
import { createPosition, readPosition, recordHash, stopPosition, type Log } from "./positions.ts";
import { WRITE_BATCH, type WriteBatchRow } from "./postgres_statement.ts";
import type { Batch, BatchLimits, DecodedRecord, Sink, Written } from "./sink.ts";

export interface PostgresSinkOptions {
  readonly sql: Database;
  readonly log: Log;
  readonly limits: BatchLimits;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

// How often one batch is sent again because another batch in flight decided about one of its ids.
// Each time at least one id is decided; more than a few means a defect, not bad luck.
const JUDGEMENTS_MAX = 10;

/** Opens the sink that writes rows. */
export function postgresSink(options: PostgresSinkOptions): Sink {
  const { sql, log, limits, now } = options;
  const latencies = new Map<number, PendingLatency>();
  const key = (partition: number) => ({ sink: "postgres", log: log.log, partition }) as const;

  /** Writes a batch; when PostgreSQL blames a row, splits it until that row is alone. */
  async function writeSplitting(batch: Batch): Promise<Written> {
    try {
      return await writeJudging(batch);
    } catch (error) {
      const failure = translate(error);
      if (failure.code !== "database_rejected") throw failure;
      const [only, ...others] = batch.records;
      if (only === undefined) throw failure;
      if (others.length === 0) return await writeJudging({ ...batch, records: [rejected(only)] });
      const [left, right] = split(batch);
      return merge(batch, await writeSplitting(left), await writeSplitting(right));
    }
  }

  /** Writes a batch; ids in conflict with stored rows become dead letters. */
  async function writeJudging(batch: Batch): Promise<Written> {
    let records = batch.records;
    for (let judgement = 0; judgement < JUDGEMENTS_MAX; judgement++) {
      try {
        return await writeOnce({ ...batch, records });
      } catch (error) {
        const state = sqlState(error);
        if (state === "TLY01") records = withConflicts(records, errorDetail(error));
        else if (state !== "TLY02" && state !== "40001" && state !== "40P01")
          throw translate(error);
      }
    }
    throw new PipelineError(
      "database_unavailable",
      `Cannot judge duplicates: not settled after ${JUDGEMENTS_MAX} statements`,
    );
  }

  async function writeOnce(batch: Batch): Promise<Written> {
    const parts = takeApart(batch);
    const latency = takeLatency(latencies, batch.partition);
    try {
      const [row] = await sql.unsafe<WriteBatchRow[]>(
        WRITE_BATCH,
        parameters(log.log, batch, parts, latency),
        { prepare: true },
      );
      if (row === undefined || row.next_offset === null) return await explainMove(batch);
      keepLatency(latencies, batch.partition, parts.events, now());
      return {
        batch,
        events: row.events,
        duplicates: row.duplicates,
        deadLetters: parts.deadLetters.map((letter) => letter.code),
        already: false,
      };
    } catch (error) {
      returnLatency(latencies, batch.partition, latency);
      throw error;
    }
  }

  /** The position was not where the batch begins: done before (an answer was lost), or somebody else's. */
  async function explainMove(batch: Batch): Promise<Written> {
    const { nextOffset } = await readPosition(sql, key(batch.partition));
    if (nextOffset === batch.nextOffset)
      return { batch, events: 0, duplicates: 0, deadLetters: [], already: true };
    throw new PipelineError(
      "position_moved",
      `Cannot write at offset ${batch.firstOffset} of partition ${batch.partition}: the position is at ${nextOffset}`,
    );
  }

  /** Counts the latencies of a last batch that no other followed; the position stays where it is. */
  async function flushLatency(partition: number, nextOffset: bigint): Promise<void> {
    const pending = latencies.get(partition);
    if (pending === undefined) return;
    const latency = takeLatency(latencies, partition);
    await guarded(
      () => sql`
        update positions set latency = add_buckets(latency, ${`{${latency.buckets}}`}), latency_ms_sum = latency_ms_sum + ${latency.sumMs}
        where sink = 'postgres' and log = ${log.log} and partition = ${partition} and next_offset = ${nextOffset.toString()}`,
    );
  }

  return {
    name: "postgres",
    limits,
    open: (partition) => {
      latencies.delete(partition);
      return readPosition(sql, key(partition));
    },
    begin: (partition, offset) => createPosition(sql, key(partition), offset),
    write: (batch) => writeSplitting(batch),
    idle: flushLatency,
    stop: (partition, reason) => stopPosition(sql, key(partition), reason),
  };
}

/**
 * Latencies measured behind the last commit; the next statement takes them along, or `idle`. A crash
 * loses those of one batch: they are figures about the rows, not the rows.
 */
interface PendingLatency {
  readonly buckets: number[];
  readonly sumMs: number;
}

const NO_LATENCY: PendingLatency = { buckets: [], sumMs: 0 };

function takeLatency(latencies: Map<number, PendingLatency>, partition: number): PendingLatency {
  const pending = latencies.get(partition) ?? NO_LATENCY;
  latencies.delete(partition);
  return pending;
}

/** Gives back what a failed statement did not count. */
function returnLatency(
  latencies: Map<number, PendingLatency>,
  partition: number,
  latency: PendingLatency,
): void {
  if (latency !== NO_LATENCY) latencies.set(partition, latency);
}

function keepLatency(
  latencies: Map<number, PendingLatency>,
  partition: number,
  events: readonly EventAt[],
  nowMs: number,
): void {
  const buckets = emptyHistogram();
  let sumMs = 0;
  for (const { event } of events) {
    const ms = Math.max(0, nowMs - Date.parse(event.receivedAt));
    countLatency(buckets, ms);
    sumMs += ms;
  }
  if (events.length > 0) latencies.set(partition, { buckets, sumMs });
}

interface EventAt {
  readonly event: DecodedEvent;
  readonly offset: bigint;
}

interface Parts {
  /** By event id, then offset: statements that share ids take their locks in one order. */
  readonly events: readonly EventAt[];
  readonly deadLetters: readonly DeadLetter[];
}

function takeApart(batch: Batch): Parts {
  const events: EventAt[] = [];
  const deadLetters: DeadLetter[] = [];
  for (const { record, decoded } of batch.records) {
    if (isRecordFault(decoded)) deadLetters.push(deadLetter(record, decoded));
    else events.push({ event: decoded, offset: record.offset });
  }
  // Sorting is stable, so equal ids keep their offset order: the first one wins.
  events.sort((a, b) =>
    a.event.eventId < b.event.eventId ? -1 : a.event.eventId > b.event.eventId ? 1 : 0,
  );
  return { events, deadLetters };
}

/** The statement's parameters; arrays as PostgreSQL's text form, payloads as one JSON array. */
function parameters(
  log: number,
  batch: Batch,
  { events, deadLetters }: Parts,
  latency: PendingLatency,
): (string | number | null)[] {
  const last = batch.records.at(-1);
  const codes: Record<string, number> = {};
  for (const letter of deadLetters) codes[letter.code] = (codes[letter.code] ?? 0) + 1;
  return [
    log,
    batch.partition,
    batch.firstOffset.toString(),
    batch.nextOffset.toString(),
    `{${events.map(({ event }) => event.eventId)}}`,
    textArray(events.map(({ event }) => event.sessionId)),
    textArray(events.map(({ event }) => event.eventType)),
    `{${events.map(({ event }) => event.ts)}}`,
    `{${events.map(({ event }) => event.receivedAt)}}`,
    `[${events.map(({ event }) => event.payload)}]`,
    `{${events.map(({ offset }) => offset)}}`,
    JSON.stringify(deadLetters.map(deadLetterJson)),
    JSON.stringify(codes),
    batch.records.length,
    last === undefined ? null : recordHash(last.record.value),
    latestReceivedAt(events),
    `{${latency.buckets}}`,
    latency.sumMs,
    `{${batch.gaps.map((gap) => gap.firstOffset)}}`,
    `{${batch.gaps.map((gap) => gap.lastOffset)}}`,
  ];
}

/** Bytes travel as hex: PostgreSQL's `decode` takes it, and it can't hold anything to escape. */
function deadLetterJson(letter: DeadLetter): Record<string, string | number | null> {
  return {
    offset: letter.offset.toString(),
    code: letter.code,
    pointer: letter.pointer,
    message: letter.message,
    event_id: letter.eventId,
    key: letter.key?.toString("hex") ?? null,
    value: letter.value?.toString("hex") ?? null,
    headers: letter.headers.toString("hex"),
    record_timestamp_ms: letter.recordTimestampMs,
  };
}

/** The text form of a text[]: every element quoted. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => (/["\\]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : `"${value}"`))}}`;
}

function latestReceivedAt(events: readonly EventAt[]): string | null {
  let latest: EventAt | null = null;
  for (const candidate of events) {
    if (latest === null || candidate.offset > latest.offset) latest = candidate;
  }
  return latest?.event.receivedAt ?? null;
}

/** A record that PostgreSQL refuses by itself. */
function rejected({ record }: DecodedRecord): DecodedRecord {
  return { record, decoded: { code: "database_rejected", pointer: "" } };
}

/** Marks the records at the given offsets ("{12,15}") as conflicts. */
function withConflicts(
  records: readonly DecodedRecord[],
  offsets: string,
): readonly DecodedRecord[] {
  const conflicts = new Set(offsets.slice(1, -1).split(","));
  return records.map((entry) =>
    conflicts.has(entry.record.offset.toString())
      ? { record: entry.record, decoded: { code: "id_conflict", pointer: "/eventId" } }
      : entry,
  );
}

function split(batch: Batch): [Batch, Batch] {
  const middle = Math.floor(batch.records.length / 2);
  const border = batch.records[middle]?.record.offset ?? batch.nextOffset;
  return [
    {
      ...batch,
      nextOffset: border,
      records: batch.records.slice(0, middle),
      gaps: batch.gaps.filter((gap) => gap.lastOffset < border),
    },
    {
      ...batch,
      firstOffset: border,
      records: batch.records.slice(middle),
      gaps: batch.gaps.filter((gap) => gap.lastOffset >= border),
    },
  ];
}

function merge(batch: Batch, left: Written, right: Written): Written {
  return {
    batch,
    events: left.events + right.events,
    duplicates: left.duplicates + right.duplicates,
    deadLetters: [...left.deadLetters, ...right.deadLetters],
    already: left.already && right.already,
  };
}
