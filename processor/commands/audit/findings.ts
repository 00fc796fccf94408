/** The problems that an audit finds: counted by kind, with examples of each. Pure. */

/** Every kind of problem, with what its total counts. */
export const KINDS = {
  missing_row: "offsets that no row, duplicate, dead letter or gap accounts for",
  offset_twice: "offsets that are accounted for more than once",
  range_gap: "offsets that no archive range covers",
  range_overlap: "offsets that two archive ranges cover",
  range_not_stored: "archive ranges below the position that are not stored",
  object_missing: "archive objects that are not in the bucket",
  object_differs: "archive objects that differ from their plan",
  object_unplanned: "objects under the prefix that have no plan",
  line_corrupt: "archive lines that are not an event",
  line_missing: "rows without an archive line",
  line_unstored: "archive lines without a row",
  line_twice: "archive lines of an event that has an earlier line in the same object",
  line_order: "archive lines that are not in offset order",
  line_differs: "archive lines whose content differs from the row",
  counter_differs: "counters of a position that differ from what was counted",
  counts_differ: "counts by hour and type that differ from the rows",
  lost_records: "records that Kafka deleted before they were read, not acknowledged",
  archive_ahead: "partitions whose archive is ahead of their rows",
} as const;

export type Kind = keyof typeof KINDS;

/** Where a problem is. */
export interface Place {
  readonly log: number;
  readonly topic: string;
  readonly partition: number;
}

/** One problem; fields that do not apply are left out. */
export interface Problem {
  readonly topic?: string;
  readonly log?: number;
  readonly partition?: number;
  readonly offset?: string;
  /** Greater than `offset` when a whole range is meant. */
  readonly lastOffset?: string;
  readonly eventId?: string;
  readonly key?: string;
  readonly detail?: string;
}

/** All problems of one kind. */
export interface FoundKind {
  readonly kind: Kind;
  /** What `total` counts. */
  readonly title: string;
  readonly total: number;
  /** At most `EXAMPLES_MAX`. */
  readonly examples: readonly Problem[];
}

/** Examples kept of each kind, chosen: enough to see a pattern, and a bound for the memory. */
export const EXAMPLES_MAX = 20;

/** A range of offsets as a problem names it. */
export function offsetsOf(firstOffset: bigint, lastOffset: bigint): Partial<Problem> {
  const offset = String(firstOffset);
  return lastOffset === firstOffset ? { offset } : { offset, lastOffset: String(lastOffset) };
}

/** Collects problems. */
export class Findings {
  readonly #found = new Map<Kind, { total: number; examples: Problem[] }>();

  /** @param count What this problem adds to the total of its kind. */
  add(kind: Kind, problem: Problem, count = 1): void {
    const found = this.#found.get(kind) ?? { total: 0, examples: [] };
    this.#found.set(kind, found);
    found.total += count;
    if (found.examples.length < EXAMPLES_MAX) found.examples.push(problem);
  }

  /** In the order of `KINDS`; empty when nothing is wrong. */
  list(): FoundKind[] {
    return Object.entries(KINDS).flatMap(([name, title]) => {
      const kind = name as Kind;
      const found = this.#found.get(kind);
      return found === undefined ? [] : { kind, title, ...found };
    });
  }
}
