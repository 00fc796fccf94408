/**
 * The short way of nearly every batch: all its records are events that nobody has
 * seen. Where that is not so nothing is written, and the long way judges.
 */
import { recordBytes } from "../pipeline/batcher.ts";
import { blamesRow, sqlState, type Database } from "../database/database.ts";
import { GroupCommit } from "./group_commit.ts";
import { newEventsParameters, type StatementInput } from "./statement_parameters.ts";
import {
  runStatement,
  WRITE_NEW_EVENTS,
  type WriteBatchRow,
  type WrittenRow,
} from "./write_statements.ts";
import type { Batch, BatchLimits } from "../pipeline/sink.ts";

const UNIQUE_VIOLATION = "23505";
// One batch of a group may be the reason, and the others not: a wait for a lock or an id (lock and
// statement timeout), serialisation failure, deadlock.
const PERHAPS_OF_ONE: ReadonlySet<string> = new Set(["55P03", "57014", "40001", "40P01"]);

/**
 * Batches of a partition that are judged at once behind one with a known event: these come in runs
 * (a client repeats, a rewind), and an attempt in vain costs as much as a batch, leaves dead rows
 * and a line in the server's log. Chosen.
 */
export const JUDGED_BATCHES = 20;

// A statement of 1,000 rows costs 7.6 µs a row and one of 100 12 (measured): above that there is
// little to save.
const GROUP_EVENTS_MAX = 1000;

/** What the short way needs. */
export interface NewEventsOptions {
  readonly sql: Database;
  /** Of one batch; a group stays within them, too. */
  readonly limits: BatchLimits;
  /** Number of the log in the tables. */
  readonly logNumber: number;
  /** Longest wait for the outcome of a statement, ms. */
  readonly answerMsMax: number;
  readonly judgedBatches: number;
}

/** Undefined: not written by the short way. */
type Outcome = WriteBatchRow | undefined;

/** Writes batches of new events, and knows where that is worth an attempt. */
export class NewEvents {
  readonly #options: NewEventsOptions;
  readonly #group: GroupCommit<StatementInput, Outcome>;
  /** Statements that the long way still gets, by partition. */
  readonly #judged = new Map<number, number>();

  constructor(options: NewEventsOptions) {
    this.#options = options;
    const { recordsMax, bytesMax } = options.limits;
    const eventsMax = Math.min(GROUP_EVENTS_MAX, recordsMax);
    this.#group = new GroupCommit({
      run: (group) => this.#runGroup(group),
      keyOf: ({ batch }) => batch.partition,
      // The larger share of what a group may have.
      sizeOf: ({ batch, parts }) =>
        Math.max(parts.events.length / eventsMax, bytesOf(batch) / bytesMax),
      sizeMax: 1,
    });
  }

  /**
   * Writes a batch and moves the position; undefined: the long way finds out. Then nothing was
   * changed, or all of it and the position shows that.
   */
  async write(input: StatementInput): Promise<WriteBatchRow | undefined> {
    if (!isOnlyEvents(input) || !this.#takeTurn(input.batch.partition)) return undefined;
    return await this.#group.write(input);
  }

  /** Notes that the long way has found a known event in a batch. */
  noteKnown(partition: number): void {
    this.#judged.set(partition, this.#options.judgedBatches);
  }

  /** Forgets what was known of a partition. */
  forget(partition: number): void {
    this.#judged.delete(partition);
  }

  async #runGroup(group: readonly StatementInput[]): Promise<readonly Outcome[]> {
    try {
      const parameters = newEventsParameters(this.#options.logNumber, group);
      const rows = await runStatement<WrittenRow>(this.#options, WRITE_NEW_EVENTS, parameters);
      const partitions = new Set(rows.map(({ partition }) => partition));
      // A position that somebody holds and one that has moved look the same here.
      return group.map((input) =>
        partitions.has(input.batch.partition) ? written(input) : undefined,
      );
    } catch (error) {
      const state = sqlState(error) ?? "";
      const isOfOne = blamesRow(state) || PERHAPS_OF_ONE.has(state);
      if (state !== UNIQUE_VIOLATION && (group.length === 1 || !isOfOne)) throw error;
      return group.map(() => undefined);
    }
  }

  /** Whether it is the short way's turn; counts down to it. */
  #takeTurn(partition: number): boolean {
    const left = this.#judged.get(partition) ?? 0;
    if (left > 0) this.#judged.set(partition, left - 1);
    return left === 0;
  }
}

function isOnlyEvents({ batch, parts: { events, deadLetters } }: StatementInput): boolean {
  return events.length > 0 && deadLetters.length === 0 && batch.gaps.length === 0;
}

function bytesOf({ records }: Batch): number {
  return records.reduce((sum, { record }) => sum + recordBytes(record), 0);
}

function written({ batch, parts }: StatementInput): WriteBatchRow {
  return {
    next_offset: batch.nextOffset.toString(),
    events: parts.events.length,
    duplicates: 0,
    already: 0,
  };
}
