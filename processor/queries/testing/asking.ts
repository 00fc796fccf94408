/** Questions over rows that the real statement has written. Test support only. */
import { monotonicNow, PipelineError, type AcceptedEvent } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { batchOf } from "../../rows/testing/batches.ts";
import { NEVER, newSink } from "../../rows/testing/tables.ts";
import type { Sink } from "../../pipeline/sink.ts";
import { createQueries, type Queries } from "../queries.ts";
import { createSnapshots } from "../snapshots.ts";
import type { SentEvent } from "./plain_count.ts";

/** Event n of a list is written to partition n modulo this. */
export const PARTITIONS = 3;
const BATCH_RECORDS = 200;

/** Writes events as the processor does, spread over partitions. */
export async function writeEvents(
  sql: Database,
  events: readonly SentEvent[],
  log = "topic-id",
): Promise<Sink> {
  const { sink } = await newSink(sql, log, { partitions: PARTITIONS });
  const accepted = events.map(({ payload, ...event }, index): AcceptedEvent => ({
    ...event,
    eventId: `${log}-${index}`,
    payload: JSON.stringify(payload),
  }));
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = accepted.filter((_, index) => index % PARTITIONS === partition);
    for (let first = 0; first < own.length; first += BATCH_RECORDS) {
      const batch = batchOf(partition, BigInt(first), own.slice(first, first + BATCH_RECORDS));
      await sink.write(batch, NEVER);
    }
  }
  return sink;
}

export interface Asking {
  readonly sql: Database;
  readonly nowMs: number;
  readonly rowsMax?: number;
  readonly signal?: AbortSignal;
}

export function queriesOver({ sql, nowMs, rowsMax = 1_000_000 }: Asking): Queries {
  return createQueries({
    snapshots: createSnapshots({ sql, cancelling: sql }),
    wallNow: () => nowMs,
    monotonicNow,
    rowsMax,
    completeUpTo: () => "2026-01-31T07:00:00.000Z",
  });
}

/** Asks a question; the answer, or the problem. */
export async function ask<T>(
  body: object,
  asking: Asking,
  about: "query" | "funnel" = "query",
): Promise<T> {
  const signal = asking.signal ?? new AbortController().signal;
  const answered = await queriesOver(asking)
    [about]({ body, isCsv: false, signal })
    .catch((error: unknown) => {
      if (!(error instanceof PipelineError)) throw error;
      return { kind: "refused", problem: { code: error.code, detail: error.message } } as const;
    });
  return (answered.kind === "refused" ? answered.problem : answered.content) as T;
}
