/** The questions that HTTP asks: reads one, finds its answer in a snapshot, and shapes it. */
import type { WallClock } from "@tally/shared";
import { shapeAnswer } from "./answer.ts";
import { csvAnswer } from "./csv.ts";
import { findAnswer } from "./find_answer.ts";
import { findFunnel, shapeFunnel } from "./find_funnel.ts";
import { readFunnelBody } from "./asked/funnel_request.ts";
import { isRefused, type Refused } from "./asked/refused.ts";
import { readQueryBody } from "./asked/request.ts";
import type { Snapshots } from "./snapshots.ts";

/** How one question is asked. */
export interface Asked {
  /** The parsed body. */
  readonly body: unknown;
  readonly isCsv: boolean;
  /** Aborted when the client has left. */
  readonly signal: AbortSignal;
}

/** An answer: a document, or the text of a CSV file. */
export type Answered = Refused | { readonly kind: "answer"; readonly content: object | string };

/** Answers questions. */
export interface Queries {
  query(asked: Asked): Promise<Answered>;
  funnel(asked: Omit<Asked, "isCsv">): Promise<Answered>;
}

export interface QueriesOptions {
  readonly snapshots: Snapshots;
  readonly wallNow: WallClock;
  readonly monotonicNow: () => number;
  /** `ANALYTICS_ROWS_MAX`. */
  readonly rowsMax: number;
  /** `completeUpTo` of the last frame. */
  readonly completeUpTo: () => string | null;
}

export function createQueries(options: QueriesOptions): Queries {
  const { snapshots, wallNow, monotonicNow, rowsMax } = options;
  return {
    async query({ body, isCsv, signal }) {
      const startedMs = monotonicNow();
      const query = readQueryBody(body);
      if (isRefused(query)) return query;
      // Before the snapshot: what is complete now is complete in it.
      const completeUpTo = options.completeUpTo();
      const nowMs = wallNow();
      const found = await snapshots(signal, (read) => findAnswer(query, { read, nowMs, rowsMax }));
      if (isRefused(found)) return found;
      const answer = shapeAnswer(query, found, {
        completeUpTo,
        tookMs: monotonicNow() - startedMs,
      });
      return { kind: "answer", content: isCsv ? csvAnswer(query, answer) : answer };
    },
    async funnel({ body, signal }) {
      const startedMs = monotonicNow();
      const funnel = readFunnelBody(body);
      if (isRefused(funnel)) return funnel;
      const completeUpTo = options.completeUpTo();
      const nowMs = wallNow();
      const found = await snapshots(signal, (read) => findFunnel(funnel, { read, nowMs, rowsMax }));
      if (isRefused(found)) return found;
      const tookMs = monotonicNow() - startedMs;
      return { kind: "answer", content: shapeFunnel(funnel, found, { completeUpTo, tookMs }) };
    },
  };
}
