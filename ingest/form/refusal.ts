/**
 * A request that is refused: the reason as a value, and the
 * answer made of it. `Refusal` lists which file decides each status.
 */
import { problemResponse, type ErrorCode, type Problem } from "@tally/shared";
import { retryAfterSeconds } from "../quotas/rate_limit_fields.ts";

/**
 * Why a route for events refuses a request. The step that finds the reason returns it:
 *
 * | Status   | Decided in                                                               |
 * | -------- | ------------------------------------------------------------------------ |
 * | 400      | server.ts (`Host`), the form's head (other headers), read_body.ts (body  |
 * |          | cut off), decompress.ts and the form (body)                              |
 * | 401, 403 | keys/senders.ts; server.ts (through a proxy with keys off)               |
 * | 404, 405 | server.ts                                                                |
 * | 408      | read_body.ts                                                             |
 * | 413      | read_body.ts (bytes), decompress.ts (bytes), the form (events)           |
 * | 415      | the form's head                                                          |
 * | 421      | server.ts (`Host`)                                                       |
 * | 422      | the form, which lets shared/event.ts judge each event                    |
 * | 429      | quota_gate.ts, rejected_quota.ts                                         |
 * | 500      | flow.ts (internal error)                                                 |
 * | 503      | flow.ts and overload.ts (before the body), keys/senders.ts (keys are not |
 * |          | known), quota_gate.ts (quotas are not known), body_reads.ts (bytes in    |
 * |          | memory), publish.ts, delivery_failure.ts (Kafka refuses a record)        |
 */
export interface Refusal extends Problem {
  readonly kind: "refused";
  /** Every kind of failure, when there were several; for counting only. */
  readonly codes?: ReadonlySet<ErrorCode>;
  /** Whether the rest of the body may never come, so that the connection can't be used again. */
  readonly isCutOff?: boolean;
  /** Time after which a repeat can succeed, when it is known. */
  readonly retryMs?: number;
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
  const { code, retryMs, isCutOff } = refusal;
  const headers = {
    ...HEADERS[code],
    ...(retryMs !== undefined && { "retry-after": String(retryAfterSeconds(retryMs)) }),
    ...(isCutOff && { connection: "close" }),
  };
  return problemResponse(refusal, requestId, headers);
}

const HEADERS: { readonly [C in ErrorCode]?: Readonly<Record<string, string>> } = {
  unsupported_type: {
    accept:
      "application/json, application/x-ndjson, text/plain, " +
      "application/cloudevents+json, application/cloudevents-batch+json",
  },
  unsupported_encoding: { "accept-encoding": "gzip, zstd" },
};
