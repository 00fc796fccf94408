/**
 * The rows: one batch becomes rows, duplicates, dead letters and a moved
 * position in one statement, so that a crash leaves all of it or nothing (P3).
 * Which statement depends on whether all its events are new.
 */
import { PipelineError, isRecordFault } from "@tally/shared";
import { errorDetail, guarded, sqlState, translate, type Database } from "../database/database.ts";
import { JUDGED_BATCHES, NewEvents } from "./new_events.ts";
import { PendingLatencies } from "./pending_latencies.ts";
import {
  createPosition,
  readPosition,
  readStandings,
  stopPosition,
  type TopicLog,
  type PositionKey,
} from "../pipeline/positions.ts";
import { batchParameters, takeApart, type StatementInput } from "./statement_parameters.ts";
import { runStatement, WRITE_BATCH, type WriteBatchRow } from "./write_statements.ts";
import type {
  Batch,
  BatchLimits,
  DecodedRecord,
  OpenedPartition,
  Sink,
  Standing,
  Written,
} from "../pipeline/sink.ts";

export interface PostgresSinkOptions {
  readonly sql: Database;
  readonly topicLog: TopicLog;
  readonly limits: BatchLimits;
  /** Longest wait for the outcome of a statement, ms; above the server's own timeouts. */
  readonly answerMsMax: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Batches judged at once behind one with a known event; absent: `JUDGED_BATCHES`. */
  readonly judgedBatches?: number;
}

// How often one batch is sent again because another batch in flight decided about one of its ids.
// Each time at least one id is decided; more than a few means a defect, not bad luck.
const JUDGEMENTS_MAX = 10;
// The winner is not visible yet (ours), serialisation failure, deadlock: nothing was changed.
const UNSETTLED: ReadonlySet<string> = new Set(["TLY02", "40001", "40P01"]);

/** Opens the sink that writes rows. */
export function postgresSink(options: PostgresSinkOptions): Sink {
  return new PostgresSink(options);
}

class PostgresSink implements Sink {
  readonly name = "postgres";
  readonly limits: BatchLimits;
  readonly #sql: Database;
  readonly #logNumber: number;
  readonly #answerMsMax: number;
  readonly #now: () => number;
  readonly #latencies = new PendingLatencies();
  readonly #newEvents: NewEvents;

  constructor(options: PostgresSinkOptions) {
    const { sql, topicLog, limits, answerMsMax, now, judgedBatches = JUDGED_BATCHES } = options;
    this.#sql = sql;
    this.#logNumber = topicLog.logNumber;
    this.limits = limits;
    this.#answerMsMax = answerMsMax;
    this.#now = now;
    this.#newEvents = new NewEvents({
      sql,
      limits,
      logNumber: topicLog.logNumber,
      answerMsMax,
      judgedBatches,
    });
  }

  open(partition: number): Promise<OpenedPartition> {
    this.#latencies.forget(partition);
    this.#newEvents.forget(partition);
    return readPosition(this.#sql, this.#key(partition));
  }

  begin(partition: number, offset: bigint): Promise<void> {
    return createPosition(this.#sql, this.#key(partition), offset);
  }

  /** Writes a batch; when PostgreSQL blames a row, splits it until that row is alone. */
  async write(batch: Batch): Promise<Written> {
    try {
      return await this.#writeJudging(batch);
    } catch (error) {
      const failure = translate(error);
      if (failure.code !== "database_rejected") throw failure;
      const [only, ...others] = batch.records;
      if (only === undefined) throw failure;
      if (others.length === 0)
        return await this.#writeJudging({ ...batch, records: [rejected(only)] });
      const [left, right] = split(batch);
      return merge(batch, await this.write(left), await this.write(right));
    }
  }

  /** Counts the latencies of a last batch that no other followed; the position stays. */
  async idle(partition: number, nextOffset: bigint): Promise<void> {
    if (!this.#latencies.has(partition)) return;
    const latencies = this.#latencies.take(partition);
    const { buckets, sumMs } = latencies;
    try {
      await guarded(
        () => this.#sql`
          update positions set latency = add_buckets(latency, ${`{${buckets}}`}),
            latency_ms_sum = latency_ms_sum + ${sumMs}
          where sink = 'postgres' and log = ${this.#logNumber} and partition = ${partition}
            and next_offset = ${nextOffset.toString()}`,
        this.#answerMsMax,
      );
    } catch (error) {
      this.#latencies.putBack(partition, latencies);
      throw error;
    }
  }

  stop(partition: number, reason: string): Promise<void> {
    return stopPosition(this.#sql, this.#key(partition), reason);
  }

  look(): Promise<ReadonlyMap<number, Standing>> {
    return readStandings(this.#sql, { sink: "postgres", logNumber: this.#logNumber });
  }

  /** Writes a batch; ids in conflict with stored rows become dead letters. */
  async #writeJudging(batch: Batch): Promise<Written> {
    let { records } = batch;
    let conflicts: ReadonlySet<string> = new Set();
    for (let judgement = 0; judgement < JUDGEMENTS_MAX; judgement++) {
      try {
        return await this.#writeOnce({ ...batch, records });
      } catch (error) {
        const state = sqlState(error);
        if (state === "TLY01") {
          conflicts = judgeAgain(batch.records, conflicts, errorDetail(error));
          records = withConflicts(batch.records, conflicts);
        } else if (state === null || !UNSETTLED.has(state)) throw translate(error);
      }
    }
    throw new PipelineError(
      "database_unavailable",
      `Cannot judge duplicates: not settled after ${JUDGEMENTS_MAX} statements`,
    );
  }

  async #writeOnce(batch: Batch): Promise<Written> {
    const { partition } = batch;
    const parts = takeApart(batch);
    const latencies = this.#latencies.take(partition);
    try {
      const input = { logNumber: this.#logNumber, batch, parts, latencies };
      const row = (await this.#newEvents.write(input)) ?? (await this.#writeAny(input));
      if (row === undefined || row.next_offset === null) return await this.#explainMove(batch);
      if (row.already === 0) {
        const received = parts.events.map(({ event }) => event.receivedAt);
        this.#latencies.measure(partition, received, this.#now());
      }
      const deadLetters = parts.deadLetters.map((letter) => letter.code);
      const { events, duplicates } = row;
      return { batch, events, duplicates, deadLetters, already: false };
    } catch (error) {
      this.#latencies.putBack(partition, latencies);
      throw error;
    }
  }

  async #writeAny(input: StatementInput): Promise<WriteBatchRow | undefined> {
    const server = { sql: this.#sql, answerMsMax: this.#answerMsMax };
    const [row] = await runStatement<WriteBatchRow>(server, WRITE_BATCH, batchParameters(input));
    if (row !== undefined && row.duplicates + row.already > 0)
      this.#newEvents.noteKnown(input.batch.partition);
    return row;
  }

  /**
   * The position was not where the batch begins: done before (an answer was lost), or somebody
   * else's.
   */
  async #explainMove(batch: Batch): Promise<Written> {
    const { nextOffset } = await readPosition(this.#sql, this.#key(batch.partition));
    if (nextOffset === batch.nextOffset)
      return { batch, events: 0, duplicates: 0, deadLetters: [], already: true };
    throw new PipelineError(
      "position_moved",
      `Cannot write at offset ${batch.firstOffset} of partition ${batch.partition}: the position is at ${nextOffset}`,
    );
  }

  #key(partition: number): PositionKey {
    return { sink: "postgres", logNumber: this.#logNumber, partition };
  }
}

/** A record that PostgreSQL refuses by itself. */
function rejected({ record }: DecodedRecord): DecodedRecord {
  return { record, decoded: { code: "database_rejected", pointer: "" } };
}

/**
 * Offsets in conflict, after one more judgement ("{12,15}"). When the first event of an id in the
 * batch turns out to be in conflict itself, it never was a row: what was judged against it before
 * is judged anew, and may be a duplicate of the row that won.
 */
function judgeAgain(
  records: readonly DecodedRecord[],
  before: ReadonlySet<string>,
  detail: string,
): ReadonlySet<string> {
  const conflicts = new Set(detail.slice(1, -1).split(","));
  const judged = new Set<string>();
  for (const { record, decoded } of records) {
    const offset = record.offset.toString();
    if (isRecordFault(decoded)) continue;
    if (conflicts.has(offset)) judged.add(decoded.eventId);
    else if (before.has(offset) && !judged.has(decoded.eventId)) conflicts.add(offset);
  }
  return conflicts;
}

/** Marks the records at the given offsets as conflicts. */
function withConflicts(
  records: readonly DecodedRecord[],
  conflicts: ReadonlySet<string>,
): readonly DecodedRecord[] {
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
