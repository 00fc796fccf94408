/** Compares the accepted events with the rows and archive lines of a system, event by event. */
import type { Ledger } from "../../driver/ledger.ts";
import { openArchiveLines } from "../../load/archive_lines.ts";
import type { RunIds } from "../../load/event.ts";
import { reconcile } from "../../load/reconcile.ts";
import { differenceLines } from "../../load/report.ts";
import { openStoredRows } from "../../load/stored_rows.ts";
import type { System } from "../../system/system.ts";
import type { Bench } from "../figure.ts";
import { readStored, settle } from "./stored.ts";

/** What was sent to a system. */
export interface Sent {
  readonly ids: RunIds;
  readonly ledger: Ledger;
  /** When the first event was sent, ms since 1970. */
  readonly startedAtMs: number;
}

/**
 * Waits until everything that was sent is stored and archived, stops the processors, and finds what
 * differs.
 */
export async function settleAndCompare(
  bench: Bench,
  system: System,
  sent: readonly Sent[],
): Promise<string[]> {
  bench.onNote("comparing events with rows and archive lines");
  // A refused event never comes: waiting for it would hide how many were refused.
  const events = sent.reduce((sum, { ledger }) => sum + ledger.count("accepted"), 0);
  await settle(system, { events, withArchive: true });
  return await findDifferences(system, sent, { withArchive: true, nowMs: bench.nowMs });
}

/**
 * Finds what differs between the events that one run or several sent to a system, and the events
 * that it stored; the system must be quiet.
 */
export async function findDifferences(
  system: System,
  sent: readonly Sent[],
  options: CountOptions,
): Promise<string[]> {
  const differences: string[] = [];
  let total = 0;
  for (const each of sent) {
    differences.push(...(await differencesOf(system, each, options)));
    total += each.ledger.total;
  }
  const { records } = await readStored(system);
  if (records !== total) differences.push(`${records} records were read, ${total} events sent`);
  return differences;
}

/** Whether a difference only says that requests were refused, as a busy service does. */
export function saysRefused(difference: string): boolean {
  return /events (?:are unknown|sent)$/.test(difference);
}

export interface CountOptions {
  /** Whether archive lines are counted, too. */
  readonly withArchive: boolean;
  readonly nowMs: () => number;
}

async function differencesOf(
  system: System,
  { ids, ledger, startedAtMs }: Sent,
  { withArchive, nowMs }: CountOptions,
): Promise<string[]> {
  const rows = openStoredRows(system.database, ids);
  const run = { ids, total: ledger.total, startedAtMs };
  const lines = withArchive ? openArchiveLines(system.bucket, run) : null;
  try {
    const stored = await rows.read(ledger.total);
    await lines?.readNew(nowMs());
    const found = reconcile(ledger, stored, lines?.sightings ?? null);
    const notAccepted = (["unknown", "rejected"] as const)
      .map((outcome) => [ledger.count(outcome), outcome] as const)
      .filter(([count]) => count > 0)
      .map(([count, outcome]) => `${count} events are ${outcome}`);
    return [...differenceLines(found, ids), ...notAccepted];
  } finally {
    await rows.close();
    lines?.close();
  }
}
