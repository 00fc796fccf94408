/**
 * Logs once when the index of the event ids is larger than PostgreSQL's memory for pages: at the
 * start, or when it has grown that far.
 */
import type { Database } from "@tally/shared/database";
import { readIdIndex, idIndexWarning } from "../database/id_index.ts";
import { startPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from "./periodic_task.ts";

export interface IdIndexWatchOptions extends PeriodicTaskOptions {
  readonly sql: Database;
}

/** An index grows for days, and the query reads a few rows of the catalog. */
const INTERVAL_MS = 60_000; // chosen

/** Starts the task. */
export function startIdIndexWatch(options: IdIndexWatchOptions): PeriodicTask {
  const { sql, log } = options;
  let isLogged = false;
  return startPeriodicTask(options, {
    intervalMs: INTERVAL_MS,
    failure: "The size of the index of event ids was not read; this is retried automatically.",
    async pass() {
      if (isLogged) return DONE;
      const index = await readIdIndex(sql);
      const warning = index === null ? null : idIndexWarning(index);
      if (warning === null) return DONE;
      log.warn({ ...index }, warning);
      isLogged = true;
      return DONE;
    },
  });
}

const DONE = { hasMore: false, error: null } as const;
