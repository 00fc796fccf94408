/**
 * Answers of `POST /events`: the 202 with every event's place in the log, and
 * refusals, which say where and why but never echo what was sent.
 */
import { problemResponse, type ErrorCode, type Problem } from "@tally/shared";
import type { Delivery } from "@tally/shared/kafka";
import type { IndexedRejection, Verdicts } from "./accept.ts";

/** Why a request gets no 202. */
export interface Refusal extends Problem {
  /** All verdicts, when every event of a batch was rejected. */
  readonly rejected?: readonly IndexedRejection[];
  /** Every kind of failure, when there were several; for counting only. */
  readonly codes?: ReadonlySet<ErrorCode>;
}

/** All events of a request that broke no rule, and where they are in the log. */
export interface Accepted {
  readonly verdicts: Verdicts;
  /** Places of `verdicts.events`, in the same order. */
  readonly deliveries: readonly Delivery[];
  /** Whether the client wants no list of places. */
  readonly isMinimal: boolean;
}

/** Body of a 202. */
export function acceptedBody({ verdicts, deliveries, isMinimal }: Accepted): string {
  const { events, indexes, rejections, isSingle } = verdicts;
  // By hand: ids are of characters that JSON needn't escape, the rest are numbers.
  const place = (at: number): string =>
    `"eventId":"${events[at]?.eventId}","partition":${deliveries[at]?.partition},"offset":"${deliveries[at]?.offset}"}`;
  if (isSingle) return `{${place(0)}`;
  const counts = `{"accepted":${events.length},"rejected":${JSON.stringify(rejections)}`;
  if (isMinimal) return `${counts}}`;
  const results = indexes.map((index, at) => `{"index":${index},${place(at)}`);
  return `${counts},"results":[${results.join(",")}]}`;
}

/** The answer to a refused request, with what its code asks of the client or the connection. */
export function refusalResponse(refusal: Refusal, requestId: string): Response {
  return problemResponse(refusal, requestId, HEADERS[refusal.code]);
}

const HEADERS: { readonly [C in ErrorCode]?: Readonly<Record<string, string>> } = {
  unsupported_type: { accept: "application/json, application/x-ndjson" },
  unsupported_encoding: { "accept-encoding": "gzip, zstd" },
  // The rest of the body may never come: the connection is of no more use.
  body_too_slow: { connection: "close" },
};
