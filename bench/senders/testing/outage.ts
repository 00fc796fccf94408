/**
 * A system for SDKs of others: one sends while ingest is killed and started again, and every event
 * must become one row. How an SDK numbers its events is the test's matter.
 */
import { eventually } from "@tally/shared";
import type { System } from "../../system/system.ts";
import { readLag } from "../../verify/judgement/quiet.ts";

/** Events that one trial sends. */
export const EVENTS = 600;
/** Time between two events: a trial sends for about 6 s. */
const PAUSE_MS = 10;
/** Ingest is killed at the first, and started at the second. */
const KILLED_AT = 200;
const STARTED_AT = 400;
const ROWS_MS_MAX = 60_000;

/**
 * Calls `send` with 0 to `EVENTS` - 1, one after the other; in the middle ingest is killed as by a
 * crash. `send` need not wait: an SDK sends when it wants.
 */
export async function sendThroughOutage(
  { ingests: [ingest] }: System,
  send: (number: number) => unknown,
): Promise<void> {
  for (let number = 0; number < EVENTS; number += 1) {
    if (number === KILLED_AT) await ingest.kill();
    if (number === STARTED_AT) await ingest.start();
    await send(number);
    await Bun.sleep(PAUSE_MS);
  }
}

/** What became of the events of a trial. */
export interface Outcome {
  /** Numbers that have no row. */
  readonly missing: readonly number[];
  /** Rows of the trial: one for each event when all is well. */
  readonly rows: number;
  readonly deadLetters: readonly string[];
}

/**
 * Waits until every event has a row, and looks for rows too many.
 *
 * @param number Of an event, as SQL: `(payload->>'n')::int`.
 * @param where Which rows are those of the trial, as SQL.
 */
export async function outcomeOf(
  system: System,
  { number, where }: { readonly number: string; readonly where: string },
): Promise<Outcome> {
  const { sql } = system;
  const read = async (): Promise<number[]> => {
    const text = `select ${number} as number from web_events where ${where}`;
    const rows = await sql.unsafe<{ number: number }[]>(text);
    return rows.map((row) => row.number);
  };
  await eventually(async () => new Set(await read()).size >= EVENTS, ROWS_MS_MAX);
  // A row too many would come after the others.
  const isDrained = async () => (await readLag(system))?.postgres === 0;
  await eventually(isDrained, ROWS_MS_MAX);
  const numbers = await read();
  const found = new Set(numbers);
  const letters = await sql<{ code: string }[]>`select code from dead_letters`;
  return {
    missing: Array.from({ length: EVENTS }, (_, at) => at).filter((at) => !found.has(at)),
    rows: numbers.length,
    deadLetters: letters.map(({ code }) => code),
  };
}

/** What every SDK must come to. */
export const ALL_STORED: Outcome = { missing: [], rows: EVENTS, deadLetters: [] };
