/**
 * `POST /dead-letters/{id}/resend` and `POST /dead-letters/resend`: the only routes
 * that change something. Both require `content-type: application/json`: a page of
 * another origin can't send that without a preflight, which is refused. server.ts refuses
 * other origins as well (shared/http/cors.ts).
 */
import type { ErrorCode, Problem } from "@tally/shared";
import type { Resender } from "../dead_letters/resend.ts";
import { readBody } from "./read_body.ts";
import { encodeCursor } from "./queries/cursor.ts";
import { isDeadLetterId } from "./queries/dead_letters.ts";
import { isJson, type Route } from "./route.ts";
import { readQuery, RESEND_QUERY } from "./schemas.ts";

/** Makes the two routes. */
export function resendRoutes(resender: Resender): readonly Route[] {
  return [
    {
      method: "POST",
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
      answer: requireJson(({ id }) => resendOne(resender, id)),
    },
    {
      method: "POST",
      path: "/dead-letters/resend",
      api: {
        operationId: "resendDeadLetters",
        summary:
          "Sends the records of one code again, oldest first, that are not resolved and not on their way. `next` means that more are left; send it as `after` to continue",
        schema: "ResentMany",
      },
      query: RESEND_QUERY,
      codes: ["invalid_parameter", ...RESEND_CODES],
      answer: requireJson(({ request }) => resendMany(resender, request)),
    },
  ];
}

const RESEND_CODES = [
  "invalid_body",
  "origin_not_allowed",
  "body_too_slow",
  "body_too_large",
  "unsupported_type",
  "overloaded",
  "broker_unavailable",
  "database_unavailable",
  "database_read_only",
  "database_misconfigured",
] as const satisfies readonly ErrorCode[];

/** Refuses a request whose content type is not JSON, or whose body is more than an empty object. */
function requireJson(answer: Route["answer"]): Route["answer"] {
  return async (routed) => {
    if (!isJson(routed)) return { code: "unsupported_type" };
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
