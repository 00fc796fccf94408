/**
 * `POST /dead-letters/{id}/resend` and `POST /dead-letters/resend`: the only routes
 * that change something. Both require `content-type: application/json`: a page of
 * another origin can't send that without a preflight, which is refused (shared/http/cors.ts).
 */
import type { ErrorCode, Problem } from "@tally/shared";
import type { Resender } from "../dead_letters/resend.ts";
import { encodeCursor } from "./queries/cursor.ts";
import { isDeadLetterId } from "./queries/dead_letters.ts";
import type { Route, RouteRequest } from "./route.ts";
import { readQuery, RESEND_QUERY } from "./schemas.ts";

/** Makes the two routes. */
export function resendRoutes(resender: Resender): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/dead-letters/:id/resend",
      summary:
        "Sends one record again; 202 when Kafka has it. Any number of times: its event keeps its id. One whose cause is still there becomes a dead letter again: an `id_conflict` always, and what can't be decoded, unless a newer version can",
      codes: ["not_found", "dead_letter_cleared", "dead_letter_too_large", ...RESEND_CODES],
      answer: requireJson(({ id }) => resendOne(resender, id)),
    },
    {
      method: "POST",
      path: "/dead-letters/resend",
      summary:
        "Sends the records of one code again, oldest first, that are not resolved and not on their way. `next` means that more are left; send it as `after` to continue",
      query: RESEND_QUERY,
      codes: ["invalid_parameter", ...RESEND_CODES],
      answer: requireJson(({ request }) => resendMany(resender, request)),
    },
  ];
}

const RESEND_CODES = [
  "unsupported_type",
  "overloaded",
  "broker_unavailable",
  "database_unavailable",
] as const satisfies readonly ErrorCode[];

/** Refuses a request whose content type is not JSON. A body is optional, and not read. */
function requireJson(answer: Route["answer"]): Route["answer"] {
  return (routed) => (isJson(routed) ? answer(routed) : { code: "unsupported_type" });
}

function isJson({ request }: RouteRequest): boolean {
  const type = request.headers.get("content-type") ?? "";
  return type.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}

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
