/**
 * Answers of `POST /events`: the 202 with every event's place in the log, and
 * problem documents, which say where and why but never echo what was sent.
 */
import { ERRORS, httpStatus, type ErrorCode } from "@tally/shared";
import type { Delivery } from "@tally/shared/kafka";
import type { IndexedRejection, Verdicts } from "./accept.ts";

/** Why a request gets no 202. */
export interface Problem {
  readonly code: ErrorCode;
  /** JSON pointer into the event. */
  readonly pointer?: string;
  /** All verdicts, when every event of a batch was rejected. */
  readonly rejected?: readonly IndexedRejection[];
  /** Every kind of failure, when there were several; for counting only. */
  readonly codes?: ReadonlySet<ErrorCode>;
}

/** How soon a client may repeat what got a 503. */
const RETRY_AFTER_SECONDS = 1;

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

/** A problem document and what belongs to its code. */
export function problemResponse(
  problem: Problem,
  requestId: string,
  headers: Record<string, string> = {},
): Response {
  const { code, pointer, rejected } = problem;
  const status = httpStatus(code);
  const document = {
    type: `urn:tally:error:${code}`,
    title: ERRORS[code].title,
    status,
    code,
    ...(pointer === undefined ? {} : { pointer }),
    requestId,
    ...(rejected === undefined ? {} : { rejected }),
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...extraHeaders(code, status),
      ...headers,
    },
  });
}

function extraHeaders(code: ErrorCode, status: number): Record<string, string> {
  if (status === 503) return { "retry-after": String(RETRY_AFTER_SECONDS) };
  if (code === "unsupported_type") return { accept: "application/json, application/x-ndjson" };
  if (code === "unsupported_encoding") return { "accept-encoding": "gzip, zstd" };
  // The rest of the body may never come: the connection is of no more use.
  if (code === "body_too_slow") return { connection: "close" };
  return {};
}
