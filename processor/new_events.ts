/**
 * The short way of nearly every batch: all its records are events that nobody has
 * seen. Where that is not so nothing is written, and the long way judges.
 */
import { sqlState, type Database } from "./database.ts";
import { GroupCommit } from "./group_commit.ts";
import { newEventsParameters, type StatementInput } from "./postgres_parameters.ts";
import {
  runStatement,
  WRITE_NEW_EVENTS,
  type MovedRow,
  type WriteBatchRow,
} from "./postgres_statement.ts";

const UNIQUE_VIOLATION = "23505";

/**
 * Batches of a partition that are judged at once behind one with a known event: these come in runs
 * (a client repeats, a rewind), and an attempt in vain costs as much as a batch, leaves dead rows
 * and a line in the server's log. Chosen: at most one in 21 is in vain.
 */
export const JUDGED_BATCHES = 20;

// Batches of half of it go alone: beyond that a shared statement saves nothing (measured).
const GROUP_EVENTS_MAX = 1000;

/** What the short way needs. */
export interface NewEventsOptions {
  readonly sql: Database;
  /** Number of the log in the tables. */
  readonly log: number;
  /** Longest wait for the outcome of a statement, ms. */
  readonly answerMsMax: number;
  readonly judgedBatches: number;
}

/** What became of a batch; undefined: not written by the short way. */
type Outcome = WriteBatchRow | undefined;

/** Writes batches of new events, and knows where that is worth an attempt. */
export class NewEvents {
  readonly #options: NewEventsOptions;
  readonly #group: GroupCommit<StatementInput, Outcome>;
  /** Statements that the long way still gets, by partition. */
  readonly #judged = new Map<number, number>();

  constructor(options: NewEventsOptions) {
    this.#options = options;
    this.#group = new GroupCommit({
      run: (group) => this.#runGroup(group),
      keyOf: ({ batch }) => batch.partition,
      sizeOf: ({ parts }) => parts.events.length,
      sizeMax: GROUP_EVENTS_MAX,
    });
  }

  /** Writes a batch and moves the position; undefined: not here, nothing was changed. */
  async write(input: StatementInput): Promise<WriteBatchRow | undefined> {
    if (!isOnlyEvents(input) || !this.#takeTurn(input.batch.partition)) return undefined;
    return await this.#group.write(input);
  }

  /** Forgets what was known of a partition. */
  forget(partition: number): void {
    this.#judged.delete(partition);
  }

  async #runGroup(group: readonly StatementInput[]): Promise<readonly Outcome[]> {
    try {
      const parameters = newEventsParameters(this.#options.log, group);
      const rows = await runStatement<MovedRow>(this.#options, WRITE_NEW_EVENTS, parameters);
      const moved = new Set(rows.map(({ partition }) => partition));
      return group.map((input) => (moved.has(input.batch.partition) ? written(input) : undefined));
    } catch (error) {
      // What failed for one may have failed for another: each is judged by itself.
      const isKnown = sqlState(error) === UNIQUE_VIOLATION;
      if (!isKnown && group.length === 1) throw error;
      for (const { batch } of group) this.#judged.set(batch.partition, this.#options.judgedBatches);
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

function written({ batch, parts }: StatementInput): WriteBatchRow {
  return {
    next_offset: batch.nextOffset.toString(),
    events: parts.events.length,
    duplicates: 0,
    already: 0,
  };
}
