/** Compares the counts with the rows (I12). */
import type { Database } from "@tally/shared/database";
import differencesSql from "./differences.sql" with { type: "text" };

/** Whole hours of `ts`; null for no bound. */
export interface CountsRange {
  readonly from: string | null;
  readonly to: string | null;
}

/** An hour whose counts are not its rows. */
export interface CountsDifference {
  readonly hour: string;
  readonly what: "total" | "late" | "type";
  /** Of `type`; "" stands for types without a number. */
  readonly event_type: string | null;
  readonly counted: string;
  readonly rows: string;
}

/** How far the rows from before the counts are counted. */
export interface CountsFill {
  readonly isComplete: boolean;
  /** Rows with a ts before it are counted already; null when none are. */
  readonly filledTo: string | null;
  /** Older rows may have been removed, and are not compared; null when none were. */
  readonly rowsKeptFrom: string | null;
}

/** Reads how far the counts are filled. */
export async function readFill(sql: Database): Promise<CountsFill> {
  const [row] = await sql<CountsFill[]>`
    select completed_at is not null as "isComplete", to_json(filled_to) #>> '{}' as "filledTo",
      to_json(rows_kept_from) #>> '{}' as "rowsKeptFrom" from counts_fill`;
  return row ?? { isComplete: false, filledTo: null, rowsKeptFrom: null };
}

/**
 * Finds the hours whose counts are not their rows, in one statement and so in one snapshot: writers
 * may run meanwhile. It reads all rows of the range.
 *
 * @param max Most differences to return; 1 or more.
 * @returns The differences by time, the earliest first; empty when counts and rows agree.
 */
export async function findDifferences(
  sql: Database,
  { from, to }: CountsRange,
  max: number,
): Promise<readonly CountsDifference[]> {
  return await sql.unsafe<CountsDifference[]>(
    differencesSql,
    [from ?? "-infinity", to ?? "infinity", max],
    { prepare: true },
  );
}
