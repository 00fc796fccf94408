/**
 * The pools of the processor, separate by purpose: the query of a viewer never waits for a batch,
 * and a frame never waits for a viewer.
 */
import type { Config, Log } from "@tally/shared";
import { factsOf, renew, type Database } from "@tally/shared/database";
import { openDatabase } from "./database.ts";

export interface Pools {
  /** For the pipelines. */
  readonly writes: Database;
  /** For queries of viewers: a few at a time. */
  readonly viewers: Database;
  /** For questions of analytics, which may take long. */
  readonly queries: Database;
  /** For frames and periodic tasks. */
  readonly frames: Database;
  /** For counting existing rows: its statements take minutes. */
  readonly fill: Database;
  /** Connects again when the server takes no writes: after a failover it is another one. */
  onReadOnly(): void;
  close(): Promise<void>;
}

const VIEWER_CONNECTIONS = 3; // chosen
// Shorter than `QUERY_WAIT_MS_MAX` of http/routes.ts, so that the answer says why the query ended.
const VIEWER_MS_MAX = 5000; // chosen
const QUERY_CONNECTIONS = 2; // chosen: `QUERIES_MAX` of queries/snapshots.ts
const FRAME_CONNECTIONS = 2; // chosen
const CLOSE_SECONDS_MAX = 1; // chosen
// Writers connect again at each attempt that was refused. Readers connect again less often: a query
// in flight fails then, and the server may still answer queries.
const RENEW_WRITES_MS = 1000; // chosen
const RENEW_READS_MS = 5000; // chosen

/**
 * Opens the pools; nothing is connected yet.
 *
 * @throws {PipelineError} `config_invalid`.
 */
export function openPools(
  config: Pick<Config<"processor">, "database">,
  { log, monotonicNow }: { readonly log: Log; readonly monotonicNow: () => number },
): Pools {
  const open = (name: string, changes: Partial<Config<"processor">["database"]>): Database =>
    openDatabase({ database: { ...config.database, ...changes } }, `tally-processor-${name}`);
  const statementTimeoutMs = Math.min(config.database.statementTimeoutMs, VIEWER_MS_MAX);
  const writes = open("writes", {});
  const viewers = open("viewers", { connections: VIEWER_CONNECTIONS, statementTimeoutMs });
  const queries = open("queries", { connections: QUERY_CONNECTIONS, statementTimeoutMs });
  const frames = open("frames", { connections: FRAME_CONNECTIONS });
  const fill = open("fill", { connections: 1 });
  const parameters = factsOf(writes)?.target.ignored ?? [];
  if (parameters.length > 0) log.info({ parameters }, "Parameters of DATABASE_URL were ignored.");
  const renewWrites = atMostEvery(RENEW_WRITES_MS, monotonicNow, () => renew(writes));
  const renewReads = atMostEvery(RENEW_READS_MS, monotonicNow, () => {
    renew(viewers);
    renew(queries);
    renew(frames);
    renew(fill);
  });
  return {
    writes,
    viewers,
    queries,
    frames,
    fill,
    onReadOnly() {
      renewWrites();
      renewReads();
    },
    async close() {
      const end = (pool: Database) => pool.end({ timeout: CLOSE_SECONDS_MAX });
      await Promise.all([writes, viewers, queries, frames, fill].map(end));
    },
  };
}

function atMostEvery(pauseMs: number, monotonicNow: () => number, run: () => void): () => void {
  let lastMs = -Infinity;
  return () => {
    if (monotonicNow() - lastMs < pauseMs) return;
    lastMs = monotonicNow();
    run();
  };
}
