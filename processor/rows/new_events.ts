/**
 * Chooses the batches that `WRITE_NEW_EVENTS` writes, nearly all of them: every record
 * is an event that is not a row yet. For all other batches `WRITE_BATCH` decides.
 */
import type { MonotonicClock } from "@tally/shared";
import type { Beat } from "./beat.ts";
import { recordBytes } from "../pipeline/batcher.ts";
import { GroupCommit } from "./group_commit.ts";
import type { StatementInput } from "./statement_parameters.ts";
import type { TypeNumbers } from "./type_numbers.ts";
import { writeNewEvents, type NewEventsOutcome, type StatementTarget } from "./write_statements.ts";
import type { Batch, BatchLimits } from "../pipeline/sink.ts";
import type { Outcome } from "./write_outcome.ts";

/**
 * After a batch with a known event, this many batches of the partition go straight to
 * `WRITE_BATCH`. Known events come in runs (a client repeats, a rewind). A failed attempt costs as
 * much as a batch, and leaves dead rows and a line in the server's log.
 */
export const JUDGED_BATCHES = 20; // chosen

// A statement of 1,000 rows costs 7.6 µs a row (measured), so its fixed costs are spread already:
// larger groups save little.
const GROUP_EVENTS_MAX = 1000;

/** What the choice depends on. */
export interface NewEventsOptions {
  readonly target: StatementTarget;
  readonly types: TypeNumbers;
  /** Limits of one batch; a group stays within them, too. */
  readonly limits: BatchLimits;
  /** See `JUDGED_BATCHES`. */
  readonly judgedBatches: number;
  /** Learns how long a statement takes. */
  readonly beat: Beat;
  readonly monotonicNow: MonotonicClock;
}

/** Writes batches of new events, in groups, where an attempt is worth it. */
export class NewEvents {
  readonly #judgedBatches: number;
  readonly #types: TypeNumbers;
  readonly #group: GroupCommit<StatementInput, NewEventsOutcome>;
  /** How many batches still go straight to `WRITE_BATCH`, by partition. */
  readonly #judged = new Map<number, number>();

  constructor({ target, types, limits, judgedBatches, beat, monotonicNow }: NewEventsOptions) {
    this.#judgedBatches = judgedBatches;
    this.#types = types;
    const eventsMax = Math.min(GROUP_EVENTS_MAX, limits.recordsMax);
    this.#group = new GroupCommit({
      run: async (group) => {
        const startedMs = monotonicNow();
        const outcomes = await writeNewEvents(target, group);
        beat.note(monotonicNow() - startedMs);
        return outcomes;
      },
      keyOf: ({ batch }) => batch.partition,
      // The share of a group's events or of its bytes, whichever is larger.
      sizeOf: ({ batch, parts }) =>
        Math.max(parts.events.length / eventsMax, bytesOf(batch) / limits.bytesMax),
      sizeMax: 1,
    });
  }

  /** Writes a batch and moves its position. @throws {PipelineError} `database_unavailable`. */
  async write(input: StatementInput): Promise<NewEventsOutcome | Outcome<"not_tried">> {
    if (!isOnlyEvents(input) || !this.#takeTurn(input.batch.partition))
      return { kind: "not_tried" };
    const { partition } = input.batch;
    const types = new Set(input.parts.events.map(({ event }) => event.eventType));
    const numbers = await this.#types.of(partition, types);
    if (numbers === null) return { kind: "not_tried" };
    const outcome = await this.#group.write({ ...input, numbers });
    // Perhaps because others have numbered types of the partition.
    if (outcome.kind === "moved") this.#types.forget(partition);
    return outcome;
  }

  /** Notes that a batch of the partition held a known event. */
  noteKnown(partition: number): void {
    this.#judged.set(partition, this.#judgedBatches);
  }

  /** Forgets what is known about a partition. */
  forget(partition: number): void {
    this.#judged.delete(partition);
    this.#types.forget(partition);
  }

  /** Whether an attempt is worth it; counts down to the next one. */
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
