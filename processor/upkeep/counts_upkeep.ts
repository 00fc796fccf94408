/**
 * Keeps the counts: counts the rows from before they were there, once, and moves old counts into
 * wider buckets.
 */
import type { Database } from "@tally/shared/database";
import type { Chunk } from "../counts/fill.ts";
import { fillCounts } from "../counts/first_fill.ts";
import { moveOldCounts } from "../counts/move.ts";
import { startPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from "./periodic_task.ts";

export interface CountsUpkeepOptions extends PeriodicTaskOptions {
  readonly sql: Database;
}

/** Minutes are kept for two days, so a minute more does not matter. */
const MOVE_INTERVAL_MS = 60_000; // chosen
/** How soon another process is looked after that fills now. */
const FILL_INTERVAL_MS = 10_000; // chosen

/** Starts the task that moves old counts. */
export function startCountsMove(options: CountsUpkeepOptions): PeriodicTask {
  return startPeriodicTask(options, {
    intervalMs: MOVE_INTERVAL_MS,
    failure: "Old counts were not moved; this is retried automatically.",
    pass: async () => ({ hasMore: await moveOldCounts(options.sql), error: null }),
  });
}

/** Starts the first fill. Later passes do nothing. */
export function startCountsFill(options: CountsUpkeepOptions): PeriodicTask {
  const { sql, log } = options;
  let isComplete = false;
  return startPeriodicTask(options, {
    intervalMs: FILL_INTERVAL_MS,
    failure: "Existing rows were not counted; this is retried automatically.",
    async pass(signal) {
      if (isComplete) return DONE;
      const onChunk = ({ to, rows }: Chunk) =>
        log.info({ filledTo: to, rows }, "Existing rows were counted.");
      isComplete = await fillCounts({ sql, signal, onChunk });
      return DONE;
    },
  });
}

const DONE = { hasMore: false, error: null } as const;
