/**
 * The promise of the rows as a model in memory: which record of a log becomes a
 * row, a duplicate or a dead letter, and what the counters say then. Pure. Test
 * support.
 */
import { decodeRecord, encodeEvent } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import { recordHash } from "../../pipeline/record_hash.ts";
import type { Batch, OffsetGap } from "../../pipeline/sink.ts";

/** What a record must hold. */
export interface Wanted {
  /** Ids are few, so that they repeat within and across batches and partitions. */
  readonly id: number;
  /** `refused`: PostgreSQL refuses the row. `corrupt`: it can't be decoded. */
  readonly kind: "event" | "refused" | "corrupt";
  /** Content of the payload: the same id with other content is a conflict. */
  readonly variant: number;
  /**
   * Which `ts` the client gave; 0: none, or one that ingest replaced by the receive time; 1: one
   * that is late; 2: one in the future.
   */
  readonly ts: 0 | 1 | 2;
  /** Whether ingest has named the sender. */
  readonly hasSource: boolean;
  /** Offsets before it that the log doesn't hold. */
  readonly skipped: number;
}

/** A record of the log with what was wanted of it. */
export interface LogRecord extends Wanted {
  readonly eventId: string;
  readonly partition: number;
  readonly record: ConsumedRecord;
}

/** One partition: what the log holds, and how far it is written. */
export interface LogPartition {
  readonly records: LogRecord[];
  readonly gaps: OffsetGap[];
  end: bigint;
  position: bigint;
}

/** What became of a record that is written. */
export type Fate = "row" | "duplicate" | "id_conflict" | "database_rejected" | "record_corrupt";

/** Rows by event id; the fate of every written record by partition and offset. */
export interface RowsModel {
  readonly prefix: string;
  readonly partitions: readonly LogPartition[];
  readonly rows: Map<string, LogRecord>;
  readonly fates: Map<string, Fate>;
}

export const placeOf = ({ partition, record }: LogRecord): string =>
  `${partition}:${record.offset}`;

/** @param prefix Of the run's event ids, as all runs share one table. */
export function newModel(prefix: string, partitions: number): RowsModel {
  const empty = (): LogPartition => ({ records: [], gaps: [], end: 0n, position: 0n });
  return {
    prefix,
    partitions: Array.from({ length: partitions }, empty),
    rows: new Map(),
    fates: new Map(),
  };
}

export function partitionOf({ partitions }: RowsModel, partition: number): LogPartition {
  const found = partitions[partition];
  if (found === undefined) throw new Error(`No partition ${partition}`);
  return found;
}

const RECEIVED_MS = Date.parse("2026-01-31T07:00:00.000Z");
/** An event type that a constraint of the schema refuses. */
export const REFUSED_TYPE = "refused";
const TYPES = ["click", "page_view"];
const GIVEN_TS = { 1: "2026-01-30T00:00:01.000Z", 2: "2126-01-30T00:00:02.000Z" } as const;

/** Adds records to the log, but writes none of them. */
export function append(model: RowsModel, partition: number, wanted: readonly Wanted[]): void {
  const log = partitionOf(model, partition);
  for (const each of wanted) {
    if (each.skipped > 0) {
      const lastOffset = log.end + BigInt(each.skipped) - 1n;
      log.gaps.push({ firstOffset: log.end, lastOffset });
      log.end = lastOffset + 1n;
    }
    const eventId = `${model.prefix}-${each.id}`;
    const timestampMs = RECEIVED_MS + model.fates.size + log.records.length + 1;
    const record: ConsumedRecord = {
      topic: "model",
      partition,
      offset: log.end,
      timestampMs,
      key: null,
      headers: [],
      value: Buffer.from(each.kind === "corrupt" ? "{" : valueOf(each, eventId, timestampMs)),
    };
    log.records.push({ ...each, eventId, partition, record });
    log.end += 1n;
  }
}

function valueOf(
  { id, kind, variant, ts, hasSource }: Wanted,
  eventId: string,
  timestampMs: number,
) {
  const receivedAt = new Date(timestampMs).toISOString();
  return encodeEvent({
    eventId,
    sessionId: "s",
    eventType: kind === "refused" ? REFUSED_TYPE : (TYPES[id % TYPES.length] ?? ""),
    ts: ts === 0 ? receivedAt : GIVEN_TS[ts],
    receivedAt,
    payload: `{"variant":${variant}}`,
    ...(hasSource ? { source: "web" } : {}),
  });
}

/** The batch of up to `count` records from an offset on, or null when there are none. */
export function batchAt(model: RowsModel, { partition, from, count }: BatchWish): Batch | null {
  const log = partitionOf(model, partition);
  const taken = log.records.filter(({ record }) => record.offset >= from).slice(0, count);
  const last = taken.at(-1);
  if (last === undefined) return null;
  const nextOffset = last.record.offset + 1n;
  return {
    partition,
    firstOffset: from,
    nextOffset,
    reason: "records",
    records: taken.map(({ record }) => ({ record, decoded: decodeRecord(record, "topic-id") })),
    gaps: log.gaps.filter((gap) => gap.firstOffset >= from && gap.lastOffset < nextOffset),
  };
}

interface BatchWish {
  readonly partition: number;
  readonly from: bigint;
  readonly count: number;
}

/**
 * Moves positions and decides what became of each record: the first of an id is the row.
 *
 * @param moved New positions by partition; several when batches were written at once.
 * @param winners Places of rows by event id, where batches at once hold the same new id.
 * @returns The fate of each record that this write covers.
 */
export function write(
  model: RowsModel,
  moved: ReadonlyMap<number, bigint>,
  winners: ReadonlyMap<string, string> = new Map(),
): Fate[] {
  const written = [...moved].flatMap(([partition, to]) => {
    const log = partitionOf(model, partition);
    const from = log.position;
    log.position = to;
    return log.records.filter(({ record }) => record.offset >= from && record.offset < to);
  });
  for (const each of written) {
    if (each.kind !== "event" || model.rows.has(each.eventId)) continue;
    const winner = winners.get(each.eventId);
    if (winner === undefined || winner === placeOf(each)) model.rows.set(each.eventId, each);
  }
  return written.map((each) => {
    const fate = fateOf(each, model.rows.get(each.eventId));
    model.fates.set(placeOf(each), fate);
    return fate;
  });
}

function fateOf(each: LogRecord, row: LogRecord | undefined): Fate {
  if (each.kind === "corrupt") return "record_corrupt";
  if (each.kind === "refused") return "database_rejected";
  if (row === undefined) throw new Error(`No row for ${each.eventId}: who won was no candidate`);
  if (row === each) return "row";
  const isSameTs = row.ts === 0 || each.ts === 0 || row.ts === each.ts;
  return row.variant === each.variant && isSameTs ? "duplicate" : "id_conflict";
}

/** Event ids that more than one of the partitions would make a row of. */
export function contestedIds(model: RowsModel, moved: ReadonlyMap<number, bigint>): string[] {
  const seen = new Map<string, Set<number>>();
  for (const [partition, to] of moved) {
    const { records, position } = partitionOf(model, partition);
    for (const { record, eventId, kind } of records) {
      if (record.offset < position || record.offset >= to || kind !== "event") continue;
      if (!model.rows.has(eventId))
        seen.set(eventId, (seen.get(eventId) ?? new Set()).add(partition));
    }
  }
  return [...seen].filter(([, partitions]) => partitions.size > 1).map(([eventId]) => eventId);
}

/** What the tables must hold, in the order in which they are read. */
export function expectedTables(model: RowsModel) {
  const written = model.partitions.flatMap(({ records, position }) =>
    records.filter(({ record }) => record.offset < position),
  );
  const of = (...fates: Fate[]) =>
    written.filter((each) => fates.includes(model.fates.get(placeOf(each)) ?? "row"));
  return {
    rows: of("row").map((each) => [
      placeOf(each),
      each.eventId,
      each.variant,
      each.ts,
      each.hasSource ? "web" : null,
    ]),
    duplicates: of("duplicate").map((each) => [placeOf(each), each.eventId]),
    deadLetters: of("id_conflict", "database_rejected", "record_corrupt").map((each) => [
      placeOf(each),
      model.fates.get(placeOf(each)),
      each.record.value?.toString(),
    ]),
    gaps: model.partitions.flatMap(({ gaps, position }, partition) =>
      gaps
        .filter(({ lastOffset }) => lastOffset < position)
        .map(({ firstOffset, lastOffset }) => [partition, String(firstOffset), String(lastOffset)]),
    ),
    positions: model.partitions.map((_, partition) => expectedPosition(model, partition)),
  };
}

/** Rows by quarter of an hour and type, in total and late, as text in order. */
export function expectedCounts({ rows }: RowsModel): readonly string[] {
  const places = [...rows.values()].flatMap(({ id, ts }) => {
    const quarter =
      ts === 0 ? "2026-01-31T07:00" : GIVEN_TS[ts].slice(0, "2026-01-31T07:00".length);
    const type = `${quarter} ${TYPES[id % TYPES.length]}`;
    return [type, `${quarter} total`, ...(ts === 1 ? [`${quarter} late`] : [])];
  });
  const sums = Object.entries(counts(places));
  return sums.map(([place, events]) => `${place} ${events}`).toSorted();
}

function expectedPosition(model: RowsModel, partition: number) {
  const { records, position } = partitionOf(model, partition);
  const written = records.filter(({ record }) => record.offset < position);
  const fates = written.map((each) => model.fates.get(placeOf(each)));
  const count = (fate: Fate) => fates.filter((each) => each === fate).length;
  const rows = written.filter((each) => model.rows.get(each.eventId) === each);
  const last = written.at(-1);
  return {
    next_offset: String(position),
    records: written.length,
    events: count("row"),
    duplicates: count("duplicate"),
    dead_letters: written.length - count("row") - count("duplicate"),
    dead_letter_codes: counts(fates.filter((fate) => fate !== "row" && fate !== "duplicate")),
    event_types: counts(rows.map(({ id }) => TYPES[id % TYPES.length])),
    last_hash: last === undefined ? null : recordHash(last.record.value),
  };
}

function counts(names: readonly (string | undefined)[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) if (name !== undefined) found[name] = (found[name] ?? 0) + 1;
  return found;
}
