/** The form of `POST /events`: its headers, its body, its answer. */
import { createEventIds } from "../form/id.ts";
import { refusalResponse } from "../form/refusal.ts";
import type { RequestForm } from "../form/request_form.ts";
import { readEvents } from "./accept.ts";
import { acceptedResponse } from "./answer.ts";
import { readHead, type EventsHead } from "./request_head.ts";

export const EVENTS_FORM: RequestForm<EventsHead> = {
  readHead: ({ headers }) => readHead(headers),
  mayHoldKey: ({ type }) => type === "json",
  parse: (body, { type, idempotencyKey }) =>
    readEvents(body, { type, idsFor: (source) => createEventIds(idempotencyKey, source) }),
  answer: (outcome, requestId) =>
    outcome.kind === "refused"
      ? refusalResponse(outcome, requestId)
      : acceptedResponse(outcome, requestId),
};
