/** Kills ingest while a program sends, starts it again, and reads which events became rows. */
import { eventually } from "@tally/shared";
import { startReady } from "../system/service.ts";
import type { System } from "../system/system.ts";

/** Longest waits, ms: only a hang reaches them. */
const BEGUN_MS_MAX = 30_000;
const ROWS_MS_MAX = 60_000;

/** Kills ingest when `hasBegun` is true, and starts it again when `isMissed` is. */
export async function interruptIngest(
  { ingests }: System,
  { hasBegun, isMissed }: { hasBegun: () => boolean; isMissed: () => boolean },
): Promise<void> {
  if (!(await eventually(hasBegun, BEGUN_MS_MAX))) throw new Error("Nothing was sent");
  await ingests[0].kill();
  if (!(await eventually(isMissed, BEGUN_MS_MAX))) throw new Error("No request missed ingest");
  await startReady(ingests);
}

/** What the system holds after everything was stored: a row has one place in both lists. */
export interface Held {
  readonly ids: readonly string[];
  readonly payloads: readonly unknown[];
  readonly deadLetters: number;
}

/** Waits for a number of rows of some types and reads them; more than that are found, too. */
export async function heldOf(
  { sql }: System,
  types: readonly string[],
  rows: number,
): Promise<Held> {
  const isStored = async (): Promise<boolean> => {
    const [found]: { count: number }[] = await sql`
      select count(*)::int as count from web_events where event_type in ${sql(types)}`;
    return (found?.count ?? 0) >= rows;
  };
  await eventually(isStored, ROWS_MS_MAX);
  const found: { event_id: string; payload: unknown }[] = await sql`
    select event_id, payload from web_events where event_type in ${sql(types)}`;
  const [letters]: { count: number }[] = await sql`select count(*)::int as count from dead_letters`;
  return {
    ids: found.map(({ event_id }) => event_id),
    payloads: found.map(({ payload }) => payload),
    deadLetters: letters?.count ?? 0,
  };
}
