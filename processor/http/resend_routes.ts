/**
 * `POST /dead-letters/{id}/resend` and `POST /dead-letters/resend`: the only
 * routes that change something. Both want `content-type: application/json`: a
 * foreign page can't send that without asking first, and is told no (shared/cors.ts).
 */
import { ERRORS, type ErrorCode, type Problem } from "@tally/shared";
import type { Resender } from "../dead_letters/resend.ts";
import { isDeadLetterId } from "./queries/dead_letters.ts";
import {
  CURSOR_NUMBER,
  encodeCursor,
  isParameterFault,
  PAGE_ROWS_DEFAULT,
  parseChoice,
  parseCursor,
  parseLimit,
  readParameters,
} from "./queries/parameters.ts";

/** Answers one resend: 202 when Kafka has acknowledged the copy. */
export async function answerResend(
  resender: Resender,
  { request, id }: { readonly request: Request; readonly id: string },
): Promise<Response | Problem> {
  if (!isJson(request)) return { code: "unsupported_type" };
  if (!isDeadLetterId(id)) return { code: "not_found" };
  const resent = await resender.one(id);
  return "code" in resent ? resent : Response.json(resent, { status: 202 });
}

/** Answers the resend of many: 202 when Kafka has acknowledged what it counts. */
export async function answerBulkResend(
  resender: Resender,
  request: Request,
): Promise<Response | Problem> {
  if (!isJson(request)) return { code: "unsupported_type" };
  const query = readParameters<{ code: ErrorCode; limit: number; after: readonly string[] }>(
    new URL(request.url).searchParams,
    {
      code: parseChoice(Object.keys(ERRORS) as ErrorCode[]),
      limit: parseLimit,
      after: parseCursor([CURSOR_NUMBER]),
    },
  );
  if (isParameterFault(query)) return query;
  const { code, limit = PAGE_ROWS_DEFAULT, after = [] } = query;
  if (code === undefined) return { code: "invalid_parameter", pointer: "/code" };
  const { last, ...done } = await resender.many({ code, limit, after: after[0] ?? null });
  const next = last === null ? null : encodeCursor([last]);
  return Response.json({ ...done, next }, { status: 202 });
}

/** Whether the request says that its body is JSON; there need not be one, and it isn't read. */
function isJson(request: Request): boolean {
  const type = request.headers.get("content-type") ?? "";
  return type.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}
