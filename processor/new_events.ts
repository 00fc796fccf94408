/**
 * The short way of nearly every batch: all its records are events that nobody has
 * seen. Where one is known after all nothing is written, and the long way judges.
 */
import { sqlState, type Database } from "./database.ts";
import { newEventsParameters, type StatementInput } from "./postgres_parameters.ts";
import { runStatement, WRITE_NEW_EVENTS, type WriteBatchRow } from "./postgres_statement.ts";

const UNIQUE_VIOLATION = "23505";

/**
 * Batches of a partition that are judged at once behind one with a known event: these come in runs
 * (a client repeats, a rewind), and an attempt in vain costs as much as a batch, leaves dead rows
 * and a line in the server's log. Chosen: at most one in 21 is in vain.
 */
export const JUDGED_BATCHES = 20;

/** What the short way needs. */
export interface NewEventsOptions {
  readonly sql: Database;
  /** Longest wait for the outcome of a statement, ms. */
  readonly answerMsMax: number;
  readonly judgedBatches: number;
}

/** Writes batches of new events, and knows where that is worth an attempt. */
export class NewEvents {
  readonly #options: NewEventsOptions;
  /** Statements that the long way still gets, by partition. */
  readonly #judged = new Map<number, number>();

  constructor(options: NewEventsOptions) {
    this.#options = options;
  }

  /** Writes a batch and moves the position; undefined: not here, nothing was changed. */
  async write(input: StatementInput): Promise<WriteBatchRow | undefined> {
    const { partition } = input.batch;
    if (!isOnlyEvents(input) || !this.#takeTurn(partition)) return undefined;
    try {
      return await runStatement(this.#options, WRITE_NEW_EVENTS, newEventsParameters(input));
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      this.#judged.set(partition, this.#options.judgedBatches);
      return undefined;
    }
  }

  /** Forgets what was known of a partition. */
  forget(partition: number): void {
    this.#judged.delete(partition);
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
