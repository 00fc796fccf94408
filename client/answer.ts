/**
 * What an answer of ingest means for the events of a request. Events are dropped only when ingest
 * itself says that they can never be accepted: a proxy or a login page in between can't do that.
 */
import { attempt } from "./attempt.ts";

/** One event that was rejected, by its place in the request. */
export interface RejectedEvent {
  readonly index: number;
  readonly code: string;
}

export type Verdict =
  /** Every event is stored, except those that never can be. */
  | { readonly kind: "done"; readonly rejected: readonly RejectedEvent[] }
  /** The events stay. */
  | {
      readonly kind: "again";
      readonly code: string;
      /** One of them may be to blame: send fewer at a time, and a single one after the others. */
      readonly isSplit: boolean;
    };

/** What came back for a request. */
export interface Answer {
  /** 0 when there was no answer. */
  readonly status: number;
  /** The parsed JSON; undefined when it is not JSON. */
  readonly body: unknown;
}

/** The fields of ingest's answers that count here. */
interface AnswerBody {
  readonly rejected?: unknown;
  readonly code?: string;
}

/** @param events The events of the request. */
export function judgeAnswer({ status, body }: Answer, events: readonly unknown[]): Verdict {
  const { rejected, code } = Object(body) as AnswerBody;
  if ((status === 202 || status === 422) && areOf(events, rejected)) {
    return { kind: "done", rejected };
  }
  // A body that was cut off on its way is invalid, too, so it gets one more chance in parts.
  const isTooMuch = status === 413 || code === "invalid_body";
  // Without a code it was a proxy that refused.
  if (code && (status === 422 || (isTooMuch && events.length === 1))) {
    return { kind: "done", rejected: events.map((_, index) => ({ index, code })) };
  }
  return { kind: "again", code: code ?? `http_${status}`, isSplit: isTooMuch || status === 500 };
}

/** Whether the value lists events of a request by their places. */
function areOf(events: readonly unknown[], value: unknown): value is readonly RejectedEvent[] {
  return Array.isArray(value) && value.every((each) => Object(each).index in events);
}

/** The JSON of a text; undefined when it is none. */
export function parseJson(text: string): unknown {
  // A proxy's page, or what another script has stored.
  return attempt(() => JSON.parse(text) as unknown);
}
