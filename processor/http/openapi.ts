/** The OpenAPI document of the processor, derived from the table of routes and its schemas. */
import {
  describeProblem,
  describeViews,
  ERRORS,
  EVENT_ID_PATTERN,
  HEALTH_SCHEMAS,
  problems,
  ref,
  response,
  TEXT,
  type ErrorCode,
  type Schema,
} from "@tally/shared";
import { ANSWER_SCHEMAS } from "./answers.ts";
import { DEAD_LETTER_ID } from "./queries/cursor.ts";
import type { Route, RouteApi } from "./route.ts";
import type { QuerySchema } from "./schemas.ts";

/** What `GET /health/ready` says with its 200. */
const READY_MEANS =
  "Kafka and PostgreSQL answer, the rows' pipeline has joined its group, and the service isn't stopping";

/** The OpenAPI 3.1 document. */
export function describeApi(routes: readonly Route[]): object {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  const views = describeViews(READY_MEANS);
  return {
    openapi: "3.1.0",
    info: {
      title: "Tally processor",
      version: "1",
      description:
        "What became of accepted events: rows, archive objects, dead letters, live figures.",
    },
    paths: Object.fromEntries(
      routes.map((route) => {
        const path = route.path.replace(":id", "{id}");
        const { api, method } = route;
        const own = api && { [method.toLowerCase()]: describeRoute(route, api) };
        return [path, own ?? views[path] ?? {}];
      }),
    ),
    components: {
      schemas: { ...ANSWER_SCHEMAS, ...HEALTH_SCHEMAS, Problem: describeProblem(codes) },
    },
  };
}

function describeRoute({ method, path, query, codes = [] }: Route, api: RouteApi): object {
  const { operationId, summary, schema, type, body } = api;
  const isPost = method === "POST";
  return {
    operationId,
    summary,
    parameters: [...(path.includes(":id") ? [describeId(path)] : []), ...describeQuery(query)],
    responses: {
      [isPost && body === undefined ? 202 : 200]: response(
        summary,
        schema === undefined ? TEXT : ref(schema),
        type,
      ),
      ...problems(codes),
    },
    ...(isPost ? { requestBody: body === undefined ? EMPTY_BODY : jsonBody(body) } : {}),
  };
}

/** Required, because pages of other origins can't send its content type without a preflight. */
const EMPTY_BODY = jsonBody({
  type: "object",
  additionalProperties: false,
  description: "An empty object",
});

function jsonBody(schema: object): object {
  return { required: true, content: { "application/json": { schema } } };
}

function describeId(path: string): Schema {
  const pattern = path.startsWith("/events/") ? EVENT_ID_PATTERN : DEAD_LETTER_ID.source;
  return { name: "id", in: "path", required: true, schema: { type: "string", pattern } };
}

function describeQuery(query: QuerySchema | undefined): object[] {
  if (query === undefined) return [];
  return Object.entries(query.properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    schema,
    ...(description === undefined ? {} : { description }),
    ...(query.required?.includes(name) === true && schema["default"] === undefined
      ? { required: true }
      : {}),
  }));
}
