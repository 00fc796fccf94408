/**
 * Compares what was promised with what was stored, event by event. Totals are not
 * enough: one lost event and one stored twice give the right sum. Pure.
 */
import type { Ledger } from "../driver/ledger.ts";
import type { Sightings } from "./sightings.ts";

/** The comparison of one run. */
export interface Reconciliation {
  /** Accepted events without a row. */
  readonly lostRows: number;
  /** Rows of events that were rejected or never sent. */
  readonly unpromisedRows: number;
  /** Stored events without an archive line; 0 when the archive was not counted. */
  readonly lostLines: number;
  /** Archive lines of events that are not stored. */
  readonly unstoredLines: number;
  /** Rows and lines beyond the first of each event. */
  readonly twice: number;
  /** Ids that begin like this run's and were never used. */
  readonly strange: number;
  /** Numbers of a few wrong events, to look for. */
  readonly examples: readonly number[];
}

const EXAMPLES_MAX = 5;

/** Compares; `archived` is null when the archive was not counted. */
export function reconcile(
  ledger: Ledger,
  stored: Sightings,
  archived: Sightings | null,
): Reconciliation {
  const found = { lostRows: 0, unpromisedRows: 0, lostLines: 0, unstoredLines: 0 };
  const examples: number[] = [];
  const note = (kind: keyof typeof found, number: number) => {
    found[kind] += 1;
    if (examples.length < EXAMPLES_MAX) examples.push(number);
  };
  for (let number = 0; number < ledger.total; number++) {
    const outcome = ledger.outcomeOf(number);
    const isStored = stored.has(number);
    if (outcome === "accepted" && !isStored) note("lostRows", number);
    if (isStored && (outcome === "rejected" || outcome === "unsent"))
      note("unpromisedRows", number);
    if (archived === null) continue;
    if (isStored && !archived.has(number)) note("lostLines", number);
    if (!isStored && archived.has(number)) note("unstoredLines", number);
  }
  return {
    ...found,
    twice: stored.extra + (archived?.extra ?? 0),
    strange: stored.strange + (archived?.strange ?? 0),
    examples,
  };
}

/** Whether every promise was kept: nothing lost, nothing twice, nothing that was never sent. */
export function isWhole(result: Reconciliation): boolean {
  const { lostRows, unpromisedRows, lostLines, unstoredLines, twice, strange } = result;
  return lostRows + unpromisedRows + lostLines + unstoredLines + twice + strange === 0;
}
