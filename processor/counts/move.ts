/**
 * Moves counts that are old into wider buckets: minutes after 48 hours into quarters of an hour,
 * quarters after 72 hours into hours. Sums never change: one statement takes and adds.
 */
import { guarded, type Database } from "@tally/shared/database";
import { isNumberedMeanwhile } from "./type_registry.ts";
import moveMinutesSql from "./move_minutes.sql" with { type: "text" };
import moveQuartersSql from "./move_quarters.sql" with { type: "text" };

/** Rows of counts per statement: writers of these rows, if any, wait a few ms. */
const MOVED_MAX = 500; // chosen

/** What is older is moved, as an interval of PostgreSQL. */
export interface MoveAges {
  /** The statements that write rows count older events by quarter at once. */
  readonly minutes: string;
  /** Above that of minutes: fewer events come that late, and each makes a row that is moved. */
  readonly quarters: string;
}

export const MOVE_AGES: MoveAges = { minutes: "48 hours", quarters: "72 hours" }; // quarters: chosen

/**
 * Makes one step of each kind.
 *
 * @returns Whether there may be more to move.
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function moveOldCounts(sql: Database, ages: MoveAges = MOVE_AGES): Promise<boolean> {
  const minutes = await move(sql, moveMinutesSql, ages.minutes);
  const quarters = await move(sql, moveQuartersSql, ages.quarters);
  return minutes === MOVED_MAX || quarters === MOVED_MAX;
}

// Each time when a type was numbered after the statement began (move_quarters.sql).
const TRIES_MAX = 10; // chosen

async function move(sql: Database, statement: string, age: string): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      const rows = await guarded(sql, () =>
        sql.unsafe<{ moved: number }[]>(statement, [age, MOVED_MAX], { prepare: true }),
      );
      return rows[0]?.moved ?? 0;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : null;
      if (!isNumberedMeanwhile(cause) || tries === TRIES_MAX) throw error;
    }
  }
}
