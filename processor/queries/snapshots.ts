/**
 * Read-only snapshots of the database for queries: a few at a time, each with a bound on its time,
 * and cancelled when the client leaves. Writing never waits for them.
 */
import { PipelineError, withinTime } from "@tally/shared";
import {
  guarded,
  isTimedOut,
  sqlState,
  type Database,
  type Transaction,
} from "@tally/shared/database";
import { refused, type Refused } from "./asked/refused.ts";
import type { Read, Statement } from "./sql/statement.ts";

/** Runs a query in a snapshot of its own. */
export type Snapshots = <T extends object>(
  signal: AbortSignal,
  find: (read: Read) => Promise<T | Refused>,
) => Promise<T | Refused>;

/** Queries at once; as many connections has their pool (database/pools.ts). */
export const QUERIES_MAX = 2;
/** How long a query may take, and how long it may wait for its turn before. */
export const QUERY_MS_MAX = 5000;
const WAIT_MS_MAX = 750;
const WAITING_MAX = 32; // chosen
/** How long the end of a query that was cancelled may take. */
const CANCEL_MS_MAX = 250;

/** Memory of one sort or hash table, so that a usual query needs no files. // chosen */
const WORK_MEM = "32MB";
/**
 * Processes of the server that help one query; fewer if the server's own setting is lower. So all
 * queries together use four at most, which bounds what they take from the writers. // chosen
 */
const WORKERS_MAX = 1;
/**
 * The planner takes reading a property for as cheap as reading a column, so with its default of 0.1
 * it finds help not worth its cost: a percentile by day took 1.8 times as long (measured).
 */
const PARALLEL_TUPLE_COST = "0.02";

export interface SnapshotsOptions {
  /** A pool of its own, with `QUERIES_MAX` connections. */
  readonly sql: Database;
  /** Another pool, which ends statements of the first one. */
  readonly cancelling: Database;
}

/** Makes the runner. */
export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { sql, cancelling } = options;
  const turns = createTurns();
  return async (signal, find) => {
    if (!(await turns.take(signal))) {
      if (signal.aborted) throw new PipelineError("query_too_wide", ENDED);
      throw new PipelineError("overloaded", `Cannot query: ${QUERIES_MAX} queries run already`);
    }
    const late = AbortSignal.timeout(QUERY_MS_MAX);
    const ending = AbortSignal.any([signal, late]);
    const run = (): Promise<unknown> =>
      sql.begin("isolation level repeatable read read only", async (transaction) => {
        const [backend] = await transaction<{ pid: number }[]>`
          select pg_backend_pid() as pid, set_config('work_mem', ${WORK_MEM}, true) as memory,
            set_config('max_parallel_workers_per_gather', least(
              current_setting('max_parallel_workers_per_gather')::integer, ${WORKERS_MAX})::text,
              true) as workers,
            set_config('parallel_tuple_cost', ${PARALLEL_TUPLE_COST}, true) as cost`;
        const cancel = (): Promise<unknown> =>
          guarded(cancelling, () => cancelling`select pg_cancel_backend(${backend?.pid ?? 0})`);
        return await find(reader(transaction, { ending, cancel }));
      });
    // The turn ends with the query, even when its answer came too late: that bounds them.
    const running = run().finally(turns.give);
    running.catch(() => undefined);
    try {
      return (await guarded(sql, () => running, QUERY_MS_MAX + CANCEL_MS_MAX)) as Awaited<
        ReturnType<typeof find>
      >;
    } catch (error) {
      const refusal = refusalOf(error instanceof PipelineError ? error.cause : error);
      if (refusal !== null) return refusal;
      throw error;
    }
  };
}

/** Runs the statements of one query, and cancels the one that runs when it has to end. */
function reader(
  transaction: Transaction,
  { ending, cancel }: { readonly ending: AbortSignal; readonly cancel: () => Promise<unknown> },
): Read {
  return async <Row>({ text, parameters }: Statement) => {
    if (ending.aborted) throw new PipelineError("query_too_wide", ENDED);
    // The driver's own way opens a connection that the server closes without an answer, which looks
    // like a server that is away (database/sockets.ts).
    let cancelled: Promise<unknown> = Promise.resolve();
    const onEnding = (): void => {
      cancelled = cancel().catch(() => undefined);
    };
    ending.addEventListener("abort", onEnding, { once: true });
    try {
      return await transaction.unsafe<(Row & object)[]>(text, [...parameters]);
    } finally {
      ending.removeEventListener("abort", onEnding);
      // Until it is over, it could hit the next statement of this connection.
      await cancelled;
    }
  };
}

const ENDED = "Cannot go on with the query: its client has left, or its time is over";

/** What a query itself is to blame for, by the error of its statement. */
function refusalOf(error: unknown): Refused | null {
  const state = sqlState(error);
  if (isTimedOut(error)) {
    const hint = `It took longer than ${QUERY_MS_MAX / 1000} s: choose a shorter range, or fewer filters`;
    return refused("query_too_wide", "", hint);
  }
  // A pattern of the subset that needs more memory than the server gives it.
  if (state === "2201B") return refused("invalid_pattern", "/filters", "Choose a shorter pattern");
  // Raised by the statement itself (`boundSql` of sql/compile.ts).
  if (state === "22012") {
    const hint = "The values of the answer are larger than 16 MiB: ask for fewer rows";
    return refused("query_too_wide", "/pagination/limit", hint);
  }
  if (state?.startsWith("54")) return refused("query_too_wide", "", "Choose fewer filters");
  return null;
}

/** Lets a few run and some wait for a moment. */
function createTurns() {
  let free = QUERIES_MAX;
  const waiting: (() => void)[] = [];
  return {
    /** Resolves with false when none became free in time, or the client left before. */
    async take(signal: AbortSignal): Promise<boolean> {
      if (signal.aborted) return false;
      if (free > 0) {
        free -= 1;
        return true;
      }
      if (waiting.length >= WAITING_MAX) return false;
      const { promise, resolve } = Promise.withResolvers<true>();
      const enter = () => resolve(true);
      waiting.push(enter);
      if ((await withinTime(promise, WAIT_MS_MAX, signal)) !== null) return true;
      const index = waiting.indexOf(enter);
      // A turn that was given in the same moment is passed on.
      if (index === -1) this.give();
      else waiting.splice(index, 1);
      return false;
    },
    give: (): void => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
