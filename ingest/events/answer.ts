/**
 * The 202 of `POST /events`: every accepted event with its place in the log. What
 * gets another status is in form/refusal.ts.
 */
import type { Accepted, RequestHead } from "../form/request_form.ts";
import { countReplaced } from "../form/verdicts.ts";

/** The part of a head that the answer needs. */
export interface AnswerHead extends RequestHead {
  /** Whether the answer leaves out `results`. */
  readonly isMinimal: boolean;
}

/** The answer to a request whose accepted events are all in the log. */
export function acceptedResponse(accepted: Accepted<AnswerHead>, requestId: string): Response {
  return new Response(acceptedBody(accepted), {
    status: 202,
    headers: { "content-type": "application/json", "x-request-id": requestId },
  });
}

function acceptedBody({ verdicts, deliveries, head }: Accepted<AnswerHead>): string {
  const { events, indexes, rejections, isSingle } = verdicts;
  // Without JSON.stringify: ids hold no character that JSON escapes, the rest are numbers.
  const place = (at: number): string => {
    const replaced = events[at]?.tsReplaced === true ? ',"tsReplaced":true' : "";
    return `"eventId":"${events[at]?.eventId}","partition":${deliveries[at]?.partition},"offset":"${deliveries[at]?.offset}"${replaced}}`;
  };
  if (isSingle) return `{${place(0)}`;
  const counts = `{"accepted":${events.length},"rejected":${JSON.stringify(rejections)}`;
  if (head.isMinimal) {
    const replaced = countReplaced(events);
    return replaced === 0 ? `${counts}}` : `${counts},"tsReplaced":${replaced}}`;
  }
  const results = indexes.map((index, at) => `{"index":${index},${place(at)}`);
  return `${counts},"results":[${results.join(",")}]}`;
}
