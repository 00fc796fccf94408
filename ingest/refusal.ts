/**
 * A request that gets something other than a 202: the reason as a value, and the
 * answer made of it. `Refusal` lists which file decides each status.
 */
import { problemResponse, type ErrorCode, type Problem } from "@tally/shared";

/**
 * Why `POST /events` refuses a request. The step that finds the reason returns it:
 *
 * | Status   | Decided in                                                               |
 * | -------- | ------------------------------------------------------------------------ |
 * | 400      | server.ts (`Host`), request_head.ts (other headers), read_body.ts (body  |
 * |          | cut off), decompress.ts and accept.ts (body)                             |
 * | 404, 405 | server.ts                                                                |
 * | 408      | read_body.ts                                                             |
 * | 413      | read_body.ts (bytes), decompress.ts (bytes), accept.ts (events)          |
 * | 415      | request_head.ts                                                          |
 * | 422      | accept.ts, which judges each event by shared/event.ts                    |
 * | 500      | flow.ts (internal error)                                                 |
 * | 503      | flow.ts (before the body), body_reads.ts (bytes in memory), publish.ts,   |
 * |          | delivery_failure.ts (Kafka refuses a record)                             |
 */
export interface Refusal extends Problem {
  readonly kind: "refused";
  /** Every kind of failure, when there were several; for counting only. */
  readonly codes?: ReadonlySet<ErrorCode>;
  /** Whether the rest of the body may never come, so that the connection can't be used again. */
  readonly isCutOff?: boolean;
}

/** A refusal that needs no more than its code. */
export function refuse(code: ErrorCode): Refusal {
  return { kind: "refused", code };
}

/** A refusal in the middle of a body, or of one whose end is unknown. */
export function cutOff(code: ErrorCode): Refusal {
  return { kind: "refused", code, isCutOff: true };
}

/** The answer to a refused request, with the headers that its code needs. */
export function refusalResponse(refusal: Refusal, requestId: string): Response {
  const headers = { ...HEADERS[refusal.code], ...(refusal.isCutOff && { connection: "close" }) };
  return problemResponse(refusal, requestId, headers);
}

const HEADERS: { readonly [C in ErrorCode]?: Readonly<Record<string, string>> } = {
  unsupported_type: { accept: "application/json, application/x-ndjson, text/plain" },
  unsupported_encoding: { "accept-encoding": "gzip, zstd" },
};
