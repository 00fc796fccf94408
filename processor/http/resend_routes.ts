/** The routes that send dead letters again, or link one to the event that was made of it. */
import { EVENT_ID_PATTERN, isEventId, type ErrorCode, type Problem } from "@tally/shared";
import type { EditedEvent } from "../dead_letters/edited.ts";
import type { Resender } from "../dead_letters/resend.ts";
import { readBody } from "./read_body.ts";
import { encodeCursor } from "./queries/cursor.ts";
import { isDeadLetterId } from "./queries/dead_letters.ts";
import type { Route } from "./route.ts";
import { readQuery, RESEND_QUERY } from "./schemas.ts";

/** Makes the routes. */
export function resendRoutes(resender: Resender): readonly Route[] {
  return [
    {
      method: "POST",
      access: "operate",
      path: "/dead-letters/:id/resend",
      api: {
        operationId: "resendDeadLetter",
        summary:
          "Sends one record again; 202 when Kafka has it. One copy at a time: 409 until it is known what became of the last one. Its event keeps its id. One whose cause is still there becomes a dead letter again, which replaces it: an `id_conflict` always, and what can't be decoded, unless a newer version can",
        schema: "Resent",
      },
      codes: [
        "not_found",
        "dead_letter_superseded",
        "dead_letter_resent",
        "dead_letter_cleared",
        "dead_letter_too_large",
        ...RESEND_CODES,
      ],
      answer: requireEmpty(({ id }) => resendOne(resender, id)),
    },
    {
      method: "POST",
      access: "operate",
      path: "/dead-letters/resend",
      api: {
        operationId: "resendDeadLetters",
        summary:
          "Sends the records of one code again, oldest first, that are not resolved and not on their way. `next` means that more are left; send it as `after` to continue",
        schema: "ResentMany",
      },
      query: RESEND_QUERY,
      codes: ["invalid_parameter", ...RESEND_CODES],
      answer: requireEmpty(({ request }) => resendMany(resender, request)),
    },
    {
      method: "POST",
      access: "operate",
      path: "/dead-letters/:id/edited",
      api: {
        operationId: "linkEditedEvent",
        summary:
          "Links a dead letter to the event that was made of it and sent through ingest, by what ingest answered. The letter is resolved when that event is a row",
        schema: "Resent",
        body: EDITED_FORM,
      },
      codes: ["not_found", "dead_letter_superseded", ...RESEND_CODES],
      answer: ({ request, id }) => linkEdited(resender, request, id),
    },
  ];
}

const RESEND_CODES = [
  "invalid_body",
  "origin_not_allowed",
  "body_too_slow",
  "body_too_large",
  "unsupported_type",
  "unsupported_encoding",
  "overloaded",
  "broker_unavailable",
  "database_unavailable",
  "database_read_only",
  "database_misconfigured",
] as const satisfies readonly ErrorCode[];

/** Refuses a request whose body is more than an empty object. */
function requireEmpty(answer: Route["answer"]): Route["answer"] {
  return async (routed) => {
    const body = await readBody(routed.request);
    if (body.kind === "refused") return body.problem;
    return EMPTY_BODY.test(body.text) ? answer(routed) : { code: "invalid_body" };
  };
}

/** No body, or an object without properties: there is nothing to say in it yet. */
const EMPTY_BODY = /^\s*(?:\{\s*\}\s*)?$/;

/** Answers one resend: 202 when Kafka has acknowledged the copy. */
async function resendOne(resender: Resender, id: string): Promise<Response | Problem> {
  if (!isDeadLetterId(id)) return { code: "not_found" };
  const outcome = await resender.one(id);
  if (outcome.kind === "refused") return outcome.problem;
  return Response.json(outcome.resent, { status: 202 });
}

/** Answers the resend of many: 202 when Kafka has acknowledged every copy that it counts. */
async function resendMany(resender: Resender, request: Request): Promise<Response | Problem> {
  const read = readQuery(RESEND_QUERY, new URL(request.url).searchParams);
  if (read.kind === "refused") return read.problem;
  const { code, limit, after = [] } = read.query;
  const { last, ...done } = await resender.many({ code, limit, after: after[0] ?? null });
  const next = last === null ? null : encodeCursor([last]);
  return Response.json({ ...done, next }, { status: 202 });
}

const PARTITION_MAX = 2 ** 31 - 1;
const OFFSET_PATTERN = "^[0-9]{1,18}$";
const OFFSET = new RegExp(OFFSET_PATTERN);
const EDITED_FORM = {
  type: "object",
  required: ["eventId", "partition", "offset"],
  additionalProperties: false,
  properties: {
    eventId: { type: "string", pattern: EVENT_ID_PATTERN },
    partition: { type: "integer", minimum: 0, maximum: PARTITION_MAX },
    offset: { type: "string", pattern: OFFSET_PATTERN },
  },
};

/** Answers a link: 200 also when it was there already. */
async function linkEdited(
  resender: Resender,
  request: Request,
  id: string,
): Promise<Response | Problem> {
  if (!isDeadLetterId(id)) return { code: "not_found" };
  const body = await readBody(request);
  if (body.kind === "refused") return body.problem;
  const event = parseEdited(body.text);
  if (event === null) return { code: "invalid_body" };
  const outcome = await resender.edited(id, event);
  return outcome.kind === "refused" ? outcome.problem : Response.json(outcome.resent);
}

function parseEdited(text: string): EditedEvent | null {
  try {
    const { eventId, partition, offset, ...rest } = JSON.parse(text) as {
      readonly [name in keyof EditedEvent]?: unknown;
    };
    const isPartition = Number.isInteger(partition) && Number(partition) >= 0;
    if (!isPartition || Number(partition) > PARTITION_MAX || !isEventId(eventId)) return null;
    if (typeof offset !== "string" || !OFFSET.test(offset)) return null;
    if (Object.keys(rest).length > 0) return null;
    return { eventId, partition: Number(partition), offset };
  } catch {
    // Not JSON, or null.
    return null;
  }
}
