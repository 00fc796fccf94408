/**
 * The 202 of `POST /events`: every accepted event with its place in the log. What
 * gets another status is in refusal.ts.
 */
import type { Delivery } from "@tally/shared/kafka";
import { countReplaced, type Verdicts } from "./accept.ts";

/** The events of a request that keep every rule, and where they are in the log. */
export interface Accepted {
  readonly kind: "accepted";
  readonly verdicts: Verdicts;
  /** Places of `verdicts.events`, in the same order. */
  readonly deliveries: readonly Delivery[];
  /** Whether the client wants no list of places. */
  readonly isMinimal: boolean;
}

/** The answer to a request whose accepted events are all in the log. */
export function acceptedResponse(accepted: Accepted, requestId: string): Response {
  return new Response(acceptedBody(accepted), {
    status: 202,
    headers: { "content-type": "application/json", "x-request-id": requestId },
  });
}

function acceptedBody({ verdicts, deliveries, isMinimal }: Accepted): string {
  const { events, indexes, rejections, isSingle } = verdicts;
  // Without JSON.stringify: ids hold no character that JSON escapes, the rest are numbers.
  const place = (at: number): string => {
    const replaced = events[at]?.tsReplaced === true ? ',"tsReplaced":true' : "";
    return `"eventId":"${events[at]?.eventId}","partition":${deliveries[at]?.partition},"offset":"${deliveries[at]?.offset}"${replaced}}`;
  };
  if (isSingle) return `{${place(0)}`;
  const counts = `{"accepted":${events.length},"rejected":${JSON.stringify(rejections)}`;
  if (isMinimal) {
    const replaced = countReplaced(events);
    return replaced === 0 ? `${counts}}` : `${counts},"tsReplaced":${replaced}}`;
  }
  const results = indexes.map((index, at) => `{"index":${index},${place(at)}`);
  return `${counts},"results":[${results.join(",")}]}`;
}
