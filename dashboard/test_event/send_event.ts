/**
 * Sends the test event to ingest. The payload goes as the text that was typed:
 * ingest alone decides whether it is JSON, and its answer is shown as it is.
 */
import { readFields } from "../questions/ask.ts";

/** Longer than ingest's own deadline of 10 s, so that its answer comes first. */
export const SEND_MS_MAX = 15_000;

export interface TestEvent {
  readonly sessionId: string;
  readonly eventType: string;
  /** JSON as text. */
  readonly payload: string;
  /** Ingest makes one when it is absent. */
  readonly eventId?: string;
  /** RFC 3339 with a zone; the receive time when absent. */
  readonly ts?: string;
}

/** What became of the request; a rejection is a value. */
export type Sent =
  | {
      readonly kind: "accepted";
      readonly eventId: string;
      readonly partition: number;
      readonly offset: string;
    }
  | {
      readonly kind: "rejected";
      readonly status: number;
      readonly title: string;
      readonly code: string | null;
      readonly pointer: string | null;
      readonly requestId: string | null;
    }
  /** No answer: whether the event was accepted is not known. */
  | { readonly kind: "unanswered"; readonly reason: string };

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

export interface SendOptions {
  /** Origin of ingest, without a slash at its end. */
  readonly ingestUrl: string;
  readonly fetch: Fetch;
  /** The write key that ingest wants when keys are on. */
  readonly key?: string | undefined;
}

/** The headers of a request with events. */
export function sendHeaders(key: string | undefined): Record<string, string> {
  const type = { "content-type": "application/json" };
  return key === undefined ? type : { ...type, authorization: `Bearer ${key}` };
}

export async function sendEvent(event: TestEvent, options: SendOptions): Promise<Sent> {
  let response: Response;
  try {
    response = await options.fetch(`${options.ingestUrl}/events`, {
      method: "POST",
      headers: sendHeaders(options.key),
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(SEND_MS_MAX),
    });
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    const where = options.ingestUrl;
    return {
      kind: "unanswered",
      reason: isLate
        ? `Ingest at ${where} gave no answer within ${SEND_MS_MAX / 1000} s.`
        : `Ingest at ${where} can't be reached from this page: it is not running, it does not allow this page's origin, or it is elsewhere (then set DASHBOARD_INGEST_URL).`,
    };
  }
  return readAnswer(response);
}

async function readAnswer(response: Response): Promise<Sent> {
  const fields = await readFields(response);
  const eventId = fields.get("eventId");
  const partition = fields.get("partition");
  const offset = fields.get("offset");
  const hasOffset = typeof offset === "string" || typeof offset === "number";
  if (
    response.status === 202 &&
    typeof eventId === "string" &&
    typeof partition === "number" &&
    hasOffset
  ) {
    return { kind: "accepted", eventId, partition, offset: String(offset) };
  }
  const text = (name: string): string | null => {
    const field = fields.get(name);
    return typeof field === "string" ? field : null;
  };
  return {
    kind: "rejected",
    status: response.status,
    title: text("title") ?? "Ingest gave an answer that this page can't read",
    code: text("code"),
    pointer: text("pointer"),
    requestId: text("requestId"),
  };
}
