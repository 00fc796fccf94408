/**
 * What an answer of ingest means for the events of a request. Events are dropped only when ingest
 * itself says that they can never be accepted: a proxy or a login page in between can't do that.
 */

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
  readonly rejected?: readonly RejectedEvent[];
  readonly code?: string;
}

/** @param events The events of the request. */
export function judgeAnswer({ status, body }: Answer, events: readonly unknown[]): Verdict {
  const { rejected, code = `http_${status}` } = Object(body) as AnswerBody;
  if (rejected && (status === 202 || status === 422)) {
    return { kind: "done", rejected };
  }
  // A body that was cut off on its way is invalid, too, so it gets one more chance in parts.
  const isTooMuch = status === 413 || code === "invalid_body";
  if ((isTooMuch && events.length === 1) || (status === 422 && code !== "http_422")) {
    return {
      kind: "done",
      rejected: events.map((_, index) => ({ index, code })),
    };
  }
  return { kind: "again", code, isSplit: isTooMuch || status === 500 };
}

/** The JSON of a text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, or what another script has stored.
    return undefined;
  }
}
