/** Compares, event by event, what was accepted with the rows and the archive lines of a site. */
import { openArchiveLines } from "../archive_lines.ts";
import { Ledger, type Outcome } from "../ledger.ts";
import type { RunIds } from "../load_event.ts";
import { differenceLines } from "../load_report.ts";
import { reconcile } from "../reconcile.ts";
import { openStoredRows } from "../stored_rows.ts";
import type { Site } from "./site.ts";
import { readStored } from "./stored.ts";

/** What was sent to a site. */
export interface Sent {
  readonly ids: RunIds;
  readonly ledger: Ledger;
  /** When the first event was sent, ms since 1970. */
  readonly startedAtMs: number;
}

/** One stretch of events with the same outcome. */
export type Stretch = readonly [outcome: Outcome, first: number, count: number];

/** A ledger from the stretches that another process wrote down. */
export function ledgerOf(stretches: readonly Stretch[]): Ledger {
  const ledger = new Ledger();
  for (const [outcome, first, count] of stretches) ledger.set(outcome, { first, count });
  return ledger;
}

/**
 * Says what does not agree; nothing may be under way any more.
 *
 * @param withArchive Whether lines are counted, too.
 */
export async function findDifferences(
  site: Site,
  { ids, ledger, startedAtMs }: Sent,
  options: { readonly withArchive: boolean; readonly nowMs: () => number },
): Promise<string[]> {
  const rows = openStoredRows(site.database, ids);
  const run = { ids, total: ledger.total, startedAtMs };
  const lines = options.withArchive ? openArchiveLines(site.bucket, run) : null;
  try {
    const stored = await rows.read(ledger.total);
    await lines?.readNew(options.nowMs());
    const found = reconcile(ledger, stored, lines?.sightings ?? null);
    const differences = differenceLines(found, ids);
    for (const outcome of ["unknown", "rejected"] as const) {
      const count = ledger.count(outcome);
      if (count > 0) differences.push(`${count} events are ${outcome}`);
    }
    const { records } = await readStored(site);
    if (records !== ledger.total) {
      differences.push(`${records} records were read, ${ledger.total} events were sent`);
    }
    return differences;
  } finally {
    await rows.close();
    lines?.close();
  }
}
