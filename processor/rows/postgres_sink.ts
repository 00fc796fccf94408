/**
 * The rows: a batch becomes rows, duplicates, dead letters and a moved position in
 * one statement, so that a crash leaves all of it or nothing (P3). write_outcome.ts
 * lists the outcomes of an attempt and what follows each.
 */
import { errorCode, PipelineError, type Clocks } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import { Beat } from "./beat.ts";
import { KnownLetters, type LearnedLetters } from "../dead_letters/known_letters.ts";
import { conflictsAfter, withConflicts } from "./conflicts.ts";
import { asRefused, merge, split, splitAt } from "./halves.ts";
import { JUDGED_BATCHES, NewEvents } from "./new_events.ts";
import { LostAnswers } from "../pipeline/lost_answers.ts";
import { PendingLatencies } from "./pending_latencies.ts";
import { readStoredCounts } from "./stored_counts.ts";
import {
  createPosition,
  readPosition,
  readStandings,
  stopPosition,
  type TopicLog,
  type PositionKey,
} from "../pipeline/positions.ts";
import { measuredTimes, takeApart, type StatementInput } from "./statement_parameters.ts";
import {
  isStored,
  isUndecided,
  type Outcome,
  type Undecided,
  type WriteOutcome,
} from "./write_outcome.ts";
import { TypeNumbers } from "./type_numbers.ts";
import { writeBatch, type StatementTarget } from "./write_statements.ts";
import type {
  Batch,
  BatchLimits,
  OpenedPartition,
  Sink,
  Standing,
  Written,
} from "../pipeline/sink.ts";

export interface PostgresSinkOptions extends Clocks {
  readonly sql: Database;
  readonly topicLog: TopicLog;
  readonly limits: BatchLimits;
  /** Longest wait for the outcome of a statement, ms; above the server's own timeouts. */
  readonly answerMsMax: number;
  /**
   * How many batches go straight to `WRITE_BATCH` after one with a known event; `JUDGED_BATCHES` if
   * absent.
   */
  readonly judgedBatches?: number;
  /** Letters that the database may lack; none when absent. */
  readonly learnedLetters?: LearnedLetters;
}

// How often a batch is sent again because another transaction decided about one of its ids. Each
// time at least one id is decided; more than a few times means a defect, not bad luck.
const JUDGEMENTS_MAX = 10;

/** Opens the sink that writes rows. */
export function postgresSink(options: PostgresSinkOptions): Sink {
  return new PostgresSink(options);
}

class PostgresSink implements Sink {
  readonly name = "postgres";
  readonly losesDeleted = true;
  readonly limits: BatchLimits;
  readonly #target: StatementTarget;
  readonly #latencies: PendingLatencies;
  readonly #lostAnswers = new LostAnswers();
  readonly #newEvents: NewEvents;
  readonly #letters: KnownLetters;

  constructor(options: PostgresSinkOptions) {
    const { sql, topicLog, limits, answerMsMax, judgedBatches = JUDGED_BATCHES } = options;
    const { monotonicNow } = options;
    const beat = new Beat(limits.ageMsMax);
    this.#target = { sql, logNumber: topicLog.logNumber, answerMsMax };
    this.limits = { ...limits, beatMs: () => beat.ms };
    this.#latencies = new PendingLatencies(options);
    const types = new TypeNumbers(sql, topicLog.logNumber);
    const judging = { types, limits, judgedBatches, beat, monotonicNow };
    this.#newEvents = new NewEvents({ target: this.#target, ...judging });
    this.#letters = new KnownLetters(sql, topicLog, options.learnedLetters ?? null);
  }

  async open(partition: number): Promise<OpenedPartition> {
    this.#latencies.forget(partition);
    this.#lostAnswers.forget(partition);
    this.#newEvents.forget(partition);
    await this.#letters.open(partition);
    return await readPosition(this.#target.sql, this.#key(partition));
  }

  begin(partition: number, offset: bigint): Promise<void> {
    return createPosition(this.#target.sql, this.#key(partition), offset);
  }

  /** Writes a batch, or the rest of it when an earlier attempt has stored its beginning. */
  async write(batch: Batch): Promise<Written> {
    const marked = await this.#letters.mark(batch);
    const written = (await this.#continue(marked)) ?? (await this.#writeAll(marked));
    this.#lostAnswers.forget(batch.partition);
    if (written.deadLetters.length > 0) this.#letters.note(batch);
    return written;
  }

  /** When PostgreSQL refuses a row, halves the batch until that row is alone. */
  async #writeAll(batch: Batch): Promise<Written> {
    const outcome = await this.#writeJudging(batch);
    if (outcome.kind !== "refused") return resultOf(outcome);
    if (batch.records.length <= 1) return await this.#setAside(batch);
    const [left, right] = split(batch);
    const writtenLeft = await this.#writeAll(left);
    this.#lostAnswers.note(left.partition, left.nextOffset);
    return merge(batch, writtenLeft, await this.#writeAll(right));
  }

  /** Writes what follows the halves that an earlier attempt stored; null when it stored none. */
  async #continue(batch: Batch): Promise<Written | null> {
    const { partition, firstOffset } = batch;
    if (!this.#lostAnswers.hasBefore(partition, batch.nextOffset)) return null;
    const { nextOffset } = await readPosition(this.#target.sql, this.#key(partition));
    const isOwn = nextOffset !== null && this.#lostAnswers.has(partition, nextOffset);
    if (!isOwn || nextOffset <= firstOffset || nextOffset >= batch.nextOffset) return null;
    const [stored, rest] = splitAt(batch, nextOffset);
    const counts = await readStoredCounts(this.#target, stored);
    return merge(batch, { batch: stored, ...counts, already: false }, await this.#writeAll(rest));
  }

  /** Stores latencies of a last batch that no other batch followed; the position stays. */
  async idle(partition: number, nextOffset: bigint): Promise<void> {
    if (!this.#latencies.has(partition)) return;
    const { sql, logNumber, answerMsMax } = this.#target;
    const latencies = this.#latencies.take(partition);
    const { buckets, sumMs } = latencies;
    try {
      await guarded(
        sql,
        () => sql`
          update positions set latency = add_buckets(latency, ${`{${buckets}}`}),
            latency_ms_sum = latency_ms_sum + ${sumMs}
          where sink = 'postgres' and log = ${logNumber} and partition = ${partition}
            and next_offset = ${nextOffset.toString()}`,
        answerMsMax,
      );
    } catch (error) {
      this.#latencies.putBack(partition, latencies);
      throw error;
    }
  }

  stop(partition: number, reason: string): Promise<void> {
    return stopPosition(this.#target.sql, this.#key(partition), reason);
  }

  look(): Promise<ReadonlyMap<number, Standing>> {
    return readStandings(this.#target.sql, { sink: "postgres", logNumber: this.#target.logNumber });
  }

  /** Writes a batch until its ids are judged; events in conflict with a row become dead letters. */
  async #writeJudging(batch: Batch): Promise<Outcome<"written" | "already" | "refused">> {
    let { records } = batch;
    let conflicts: ReadonlySet<bigint> = new Set();
    for (let judgement = 0; judgement < JUDGEMENTS_MAX; judgement++) {
      const outcome = await this.#attempt({ ...batch, records });
      if (outcome.kind === "unsettled") continue;
      if (outcome.kind !== "conflict") return outcome;
      conflicts = conflictsAfter(batch.records, conflicts, outcome.offsets);
      records = withConflicts(batch.records, conflicts);
    }
    throw new PipelineError(
      "database_unavailable",
      `Cannot judge duplicates: not settled after ${JUDGEMENTS_MAX} statements`,
    );
  }

  /**
   * Makes one attempt. Also stores the latencies of the previous batch; keeps them if this attempt
   * fails.
   */
  async #attempt(batch: Batch): Promise<Exclude<WriteOutcome, Undecided>> {
    const { partition } = batch;
    const parts = takeApart(batch);
    const latencies = this.#latencies.take(partition);
    try {
      const outcome = await this.#writeOnce({ batch, parts, latencies });
      if (!isStored(outcome)) this.#latencies.putBack(partition, latencies);
      else if (outcome.kind === "written" && outcome.reread === 0) {
        this.#latencies.measure(partition, measuredTimes(parts));
      }
      return outcome;
    } catch (error) {
      this.#latencies.putBack(partition, latencies);
      if (errorCode(error) === "database_unavailable")
        this.#lostAnswers.note(partition, batch.nextOffset);
      throw error;
    }
  }

  /** Runs the statement for new events and, where that leaves it open, the one for any batch. */
  async #writeOnce(input: StatementInput): Promise<Exclude<WriteOutcome, Undecided>> {
    const attempted = await this.#newEvents.write(input);
    if (!isUndecided(attempted)) return attempted;
    const outcome = await writeBatch(this.#target, input);
    if (outcome.kind === "moved") return await this.#explainMove(input.batch);
    if (outcome.kind === "written" && outcome.duplicates + outcome.reread > 0)
      this.#newEvents.noteKnown(input.batch.partition);
    return outcome;
  }

  /** The position is not where the batch begins: an earlier attempt wrote it, or another owner. */
  async #explainMove(batch: Batch): Promise<Outcome<"already">> {
    const { nextOffset } = await readPosition(this.#target.sql, this.#key(batch.partition));
    if (nextOffset === batch.nextOffset) {
      const isOwn = this.#lostAnswers.has(batch.partition, nextOffset);
      const own = isOwn ? await readStoredCounts(this.#target, batch) : null;
      return { kind: "already", batch, own };
    }
    throw new PipelineError(
      "position_moved",
      `Cannot write at offset ${batch.firstOffset} of partition ${batch.partition}: the position is at ${nextOffset}`,
    );
  }

  /** Makes a dead letter of the refused record. @throws When PostgreSQL refuses that, too. */
  async #setAside(batch: Batch): Promise<Written> {
    const outcome = await this.#writeJudging(asRefused(batch));
    if (outcome.kind === "refused") throw outcome.failure;
    return resultOf(outcome);
  }

  #key(partition: number): PositionKey {
    return { sink: "postgres", logNumber: this.#target.logNumber, partition };
  }
}

/** The outcome as the pipeline expects it. */
function resultOf(outcome: Outcome<"written" | "already">): Written {
  const { batch } = outcome;
  if (outcome.kind === "already") {
    if (outcome.own !== null) return { batch, ...outcome.own, already: false };
    return { batch, events: 0, duplicates: 0, deadLetters: [], already: true };
  }
  const { events, duplicates, deadLetters } = outcome;
  return { batch, events, duplicates, deadLetters, already: false };
}
