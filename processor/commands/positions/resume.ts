/** Lets a stopped partition continue: its owner notices and opens it again. */
import type { PositionKey } from "../../pipeline/positions.ts";
import type { Watermarks } from "@tally/shared/kafka";
import { guarded, type Database } from "@tally/shared/database";
import { refused, type Refusal } from "./refusal.ts";

/** A partition that waits for an operator. */
export interface StoppedPartition {
  readonly kind: "stopped";
  readonly stopped: string;
  readonly nextOffset: bigint;
}

/** Checks a resume; changes nothing. */
export function planResume(
  sql: Database,
  { sink, logNumber, partition }: PositionKey,
  { high }: Watermarks,
): Promise<StoppedPartition | Refusal> {
  return guarded(sql, async () => {
    const [row] = await sql<{ next_offset: string; stopped: string | null }[]>`
      select next_offset::text, stopped from positions
      where sink = ${sink} and log = ${logNumber} and partition = ${partition}`;
    if (row === undefined) {
      return refused(`The sink ${sink} has no position in partition ${partition}.`);
    }
    if (row.stopped === null) return refused("The partition is not stopped.");
    const nextOffset = BigInt(row.next_offset);
    if (nextOffset > high) {
      return refused(
        `The position is ${nextOffset} and the log ends at ${high}: it would stop again at once. Rewind it first; "bun run positions explain" shows what that means.`,
      );
    }
    return { kind: "stopped", stopped: row.stopped, nextOffset };
  });
}

/**
 * Clears the stop, if it is still the one that was shown.
 *
 * @param acceptLog Whether to accept the log as it is: the hash of the record before the position
 *   is then forgotten.
 */
export function resume(
  sql: Database,
  { sink, logNumber, partition }: PositionKey,
  { stopped, acceptLog }: { readonly stopped: string; readonly acceptLog: boolean },
): Promise<boolean> {
  return guarded(sql, async () => {
    const rows = await sql`
      update positions set stopped = null,
        last_hash = case when ${acceptLog} then null else last_hash end
      where sink = ${sink} and log = ${logNumber} and partition = ${partition}
        and stopped = ${stopped}
      returning 1`;
    return rows.length > 0;
  });
}
