/**
 * `POST /api/v2/query`, questions in the shape of Plausible's Stats API v2, and
 * `POST /api/v2/funnel`: how many came how far.
 */
import { parseJson, type ErrorCode, type Problem } from "@tally/shared";
import type { Answered, Asked, Queries } from "../queries/queries.ts";
import { FUNNEL_FORM } from "../queries/asked/funnel_request.ts";
import { QUERY_FORM } from "../queries/asked/request.ts";
import { readBody } from "./read_body.ts";
import type { Route, RouteRequest } from "./route.ts";

/** A query has at most 1,000 values to compare with. // chosen */
const BODY_BYTES_MAX = 256 * 1024;

/** Makes the routes. */
export function queryRoutes(queries: Queries): readonly Route[] {
  return [
    {
      method: "POST",
      access: "read",
      path: "/api/v2/query",
      api: {
        operationId: "queryEvents",
        summary:
          "Counts events, sessions and properties by time, type and property; `Accept: text/csv` gives CSV",
        schema: "QueryAnswer",
        body: QUERY_FORM,
      },
      codes: QUERY_CODES,
      answer: (routed) => answerQuery(routed, (asked) => queries.query(asked)),
    },
    {
      method: "POST",
      access: "read",
      path: "/api/v2/funnel",
      api: {
        operationId: "queryFunnel",
        summary:
          "How many sessions, or values of a property, came how far through a list of steps, and how long that took",
        schema: "FunnelAnswer",
        body: FUNNEL_FORM,
      },
      codes: FUNNEL_CODES,
      answer: (routed) => answerQuery(routed, (asked) => queries.funnel(asked)),
    },
  ];
}

const FUNNEL_CODES = [
  "invalid_body",
  "invalid_query",
  "invalid_date_range",
  "invalid_pattern",
  "unknown_dimension",
  "unknown_operator",
  "unknown_time_zone",
  "origin_not_allowed",
  "body_too_slow",
  "body_too_large",
  "unsupported_type",
  "unsupported_encoding",
  "query_too_wide",
  "overloaded",
  "database_unavailable",
  "database_misconfigured",
] as const satisfies readonly ErrorCode[];
const QUERY_CODES: readonly ErrorCode[] = [...FUNNEL_CODES, "unknown_metric", "too_many_buckets"];

async function answerQuery(
  { request }: RouteRequest,
  ask: (asked: Asked) => Promise<Answered>,
): Promise<Response | Problem> {
  const body = await readBody(request, { bytesMax: BODY_BYTES_MAX });
  if (body.kind === "refused") return body.problem;
  const parsed = parseJson(body.text);
  if (parsed === undefined) return { code: "invalid_body" };
  const isCsv = (request.headers.get("accept") ?? "").toLowerCase().includes("text/csv");
  const answered = await ask({ body: parsed, isCsv, signal: request.signal });
  if (answered.kind === "refused") return answered.problem;
  const { content } = answered;
  if (typeof content !== "string") return Response.json(content, { headers: NOT_CACHED });
  return new Response(content, {
    headers: { ...NOT_CACHED, "content-type": "text/csv; charset=utf-8" },
  });
}

const NOT_CACHED = { "cache-control": "no-store" } as const;
