/**
 * The load test's flow: send, wait for rows and archive lines, count them in the
 * database and in the bucket, compare event by event.
 */
import type { Progress } from "@tally/shared/terminal/progress";
import type { LoadServices } from "@tally/processor/commands/services";

import { percentileMs } from "../driver/latency.ts";
import type { Ledger } from "../driver/ledger.ts";
import { openArchiveLines, type ArchiveLines } from "./archive_lines.ts";
import { runIds, type RunIds } from "./event.ts";
import type { LoadOptions } from "./options.ts";
import { reconcile, type Reconciliation } from "./reconcile.ts";
import { createSendState, send, type Measurements, type SendState } from "./send.ts";
import type { Sightings } from "./sightings.ts";
import { openStoredRows, type StoredRows } from "./stored_rows.ts";

/** What a run needs besides its options. */
export interface LoadContext {
  readonly services: LoadServices;
  readonly progress: Progress;
  /** Ends the sending early; what was sent is still counted. */
  readonly signal: AbortSignal;
  /** 1..32 of `[a-z0-9]`, new for each run. */
  readonly run: string;
  readonly nowMs: () => number;
}

/** The outcome of a run. */
export interface LoadResult {
  readonly options: LoadOptions;
  readonly ids: RunIds;
  readonly ledger: Ledger;
  readonly measured: Measurements;
  /** Null when nothing was sent, so that there was nothing to count. */
  readonly counted: Counted | null;
  /** Why it could not be counted, or null when it could. */
  readonly countProblem: string | null;
}

/** What was found in the database and in the bucket. */
export interface Counted {
  readonly stored: Sightings;
  readonly archived: Sightings | null;
  /** Archive objects with lines of the run. */
  readonly objects: number;
  /** Time from the last answer until all rows and lines were seen; null when they never were. */
  readonly storedAfterMs: number | null;
  readonly archivedAfterMs: number | null;
  readonly reconciliation: Reconciliation;
}

/** Nothing answers at the address of ingest. */
export class Unreachable extends Error {}

/**
 * Runs one load test.
 *
 * @throws {Unreachable} Before anything was sent.
 */
export async function runLoad(options: LoadOptions, context: LoadContext): Promise<LoadResult> {
  const { services, progress } = context;
  const ids = runIds(context.run);
  const state = createSendState();
  const { ledger, measured } = state;
  const startedAtMs = context.nowMs();
  const base = options.url ?? services.ingestUrl;
  await checkReachable(base);
  await showWhile(
    progress,
    {
      phase: "sending",
      total: options.seconds,
      everyMs: SHOW_MS,
      text: sendingText(state),
    },
    () => send({ ...options, url: base, key: services.key, ids, signal: context.signal }, state),
  );
  const sent = { options, ids, ledger, measured };
  if (ledger.sent === 0) return { ...sent, counted: null, countProblem: null };
  const rows = openStoredRows(services.database, ids);
  const lines =
    options.archive && services.bucket !== null
      ? openArchiveLines(services.bucket, { ids, total: ledger.total, startedAtMs })
      : null;
  try {
    const counted = await count({ options, context, ledger, rows, lines });
    return { ...sent, counted, countProblem: null };
  } catch (error) {
    return { ...sent, counted: null, countProblem: (error as Error).message };
  } finally {
    await rows.close();
    lines?.close();
  }
}

/** Longest wait for a first answer, ms. */
const REACH_MS_MAX = 3_000;

async function checkReachable(base: string): Promise<void> {
  try {
    // Any answer will do: the test itself shows whether events are accepted.
    await fetch(`${base}/health/live`, { signal: AbortSignal.timeout(REACH_MS_MAX) });
  } catch (cause) {
    throw new Unreachable(`Cannot reach ${base}: ${(cause as Error).message}`, { cause });
  }
}

/** Time between two updates of the progress while sending, ms. */
const SHOW_MS = 500;
/** Shortest pause between two counts, ms. */
const COUNT_MS = 300;
/** Pause between two counts, as a multiple of the time that a count took: counting is a load. */
const COUNT_PAUSE_FACTOR = 4;

interface Counting {
  readonly options: LoadOptions;
  readonly context: LoadContext;
  readonly ledger: Ledger;
  readonly rows: StoredRows;
  readonly lines: ArchiveLines | null;
}

/** Counts until all accepted events are found, or nothing new was found for `waitSeconds`. */
async function count({ options, context, ledger, rows, lines }: Counting): Promise<Counted> {
  const { progress, nowMs } = context;
  const accepted = ledger.count("accepted");
  const beganAtMs = performance.now();
  let changedAtMs = beganAtMs;
  let found: Look = { rows: 0, lines: 0 };
  let storedAfterMs: number | null = null;
  let archivedAfterMs: number | null = null;
  let text = "";
  const step = progress.step("counting", lines === null ? accepted : accepted * 2);
  while (storedAfterMs === null || (lines !== null && archivedAfterMs === null)) {
    const lookedAtMs = performance.now();
    const now = await look(rows, lines, nowMs).catch((error: Error) => ({
      ...found,
      problem: error.message,
    }));
    if (now.rows !== found.rows || now.lines !== found.lines) changedAtMs = performance.now();
    found = now;
    if (now.rows >= accepted) storedAfterMs ??= performance.now() - beganAtMs;
    if (storedAfterMs !== null && now.lines >= now.rows)
      archivedAfterMs ??= performance.now() - beganAtMs;
    const quietMs = performance.now() - changedAtMs;
    text = now.problem ?? waitingText({ now, accepted, quietMs, lines });
    step.show(now.rows + now.lines, text);
    if (quietMs > options.waitSeconds * 1000) break;
    await Bun.sleep(Math.max(COUNT_MS, (performance.now() - lookedAtMs) * COUNT_PAUSE_FACTOR));
  }
  step.done(text);
  const stored = await rows.read(ledger.total);
  await lines?.readNew(nowMs());
  const archived = lines?.sightings ?? null;
  return {
    stored,
    archived,
    objects: lines?.objects ?? 0,
    storedAfterMs,
    archivedAfterMs: lines === null ? null : archivedAfterMs,
    reconciliation: reconcile(ledger, stored, archived),
  };
}

interface Look {
  readonly rows: number;
  readonly lines: number;
  /** Why the count failed; the numbers are then those of the count before. */
  readonly problem?: string;
}

async function look(
  rows: StoredRows,
  lines: ArchiveLines | null,
  nowMs: () => number,
): Promise<Look> {
  const stored = await rows.count();
  await lines?.readNew(nowMs());
  return { rows: stored, lines: lines?.sightings.distinct ?? 0 };
}

/** After this long without anything new, the text says so and why, ms. */
const QUIET_MS = 2_000;

/** What the run still waits for, so that a minute without progress explains itself. */
function waitingText(state: {
  now: { rows: number; lines: number };
  accepted: number;
  quietMs: number;
  lines: ArchiveLines | null;
}): string {
  const { now, accepted, quietMs, lines } = state;
  const counts = `stored ${now.rows.toLocaleString("en")} of ${accepted.toLocaleString("en")}`;
  const waited = quietMs > QUIET_MS ? ` (nothing new for ${Math.round(quietMs / 1000)} s)` : "";
  if (lines === null) return counts + waited;
  const archived = `archived ${now.lines.toLocaleString("en")}`;
  const why =
    quietMs > QUIET_MS && now.rows >= accepted && now.lines < now.rows
      ? `; open archive objects close by age, ARCHIVE_OBJECT_AGE_MS_MAX`
      : "";
  return `${counts}, ${archived}${why}${waited}`;
}

/** What is shown while sending: totals, and the rate since the last update. */
function sendingText({ ledger, measured }: SendState): (elapsedMs: number) => string {
  let last = { ms: 0, accepted: 0 };
  return (elapsedMs) => {
    const accepted = ledger.count("accepted");
    const rate = ((accepted - last.accepted) * 1000) / Math.max(1, elapsedMs - last.ms);
    last = { ms: elapsedMs, accepted };
    const p99Ms = percentileMs(measured.latencyUs, 99);
    const counts = `sent ${ledger.sent.toLocaleString("en")}, accepted ${accepted.toLocaleString("en")}`;
    return `${counts}, ${Math.round(rate).toLocaleString("en")}/s, p99 ${p99Ms.toFixed(1)} ms`;
  };
}

/** Shows a text at intervals while some work runs; the bar follows the time. */
async function showWhile(
  progress: Progress,
  shown: { phase: string; total: number; everyMs: number; text: (elapsedMs: number) => string },
  work: () => Promise<void>,
): Promise<void> {
  const beganAt = performance.now();
  const step = progress.step(shown.phase, shown.total);
  let text = "";
  const show = () => {
    const elapsedMs = performance.now() - beganAt;
    text = shown.text(elapsedMs);
    step.show(Math.min(shown.total, elapsedMs / 1000), text);
  };
  const timer = setInterval(show, shown.everyMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
    show();
    step.done(text);
  }
}
