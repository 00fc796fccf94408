/** The OpenAPI document of the processor, derived from the table of routes and its schemas. */
import {
  describeProblem,
  describeViews,
  ERRORS,
  EVENT_ID_PATTERN,
  HEALTH_SCHEMAS,
  KEY_CODES,
  KEY_SCHEMES,
  problems,
  ref,
  response,
  TEXT,
  type ErrorCode,
  type Schema,
} from "@tally/shared";
import { SESSION_COOKIE } from "../access/cookie.ts";
import { ANSWER_SCHEMAS } from "./answers.ts";
import { DEAD_LETTER_ID } from "./queries/cursor.ts";
import type { Route, RouteApi } from "./route.ts";
import type { QuerySchema } from "./schemas.ts";

/** What `GET /health/ready` says with its 200. */
const READY_MEANS =
  "Kafka and PostgreSQL answer, the rows' pipeline has joined its group, and the service isn't stopping";

/** The OpenAPI 3.1 document. */
export function describeApi(routes: readonly Route[], keysOn: boolean): object {
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
      [...Map.groupBy(routes, ({ path }) => path.replace(":id", "{id}"))].map(([path, own]) => [
        path,
        Object.fromEntries(own.map((route) => describeMethod(route, views[path], keysOn))),
      ]),
    ),
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: { ...ANSWER_SCHEMAS, ...HEALTH_SCHEMAS, Problem: describeProblem(codes) },
    },
  };
}

/** Where a key stands, or the session of the page. */
const SECURITY_SCHEMES = {
  ...KEY_SCHEMES,
  session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE },
};
const ANY_SCHEME = Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] }));

/** One method of a path. */
function describeMethod(route: Route, view: Schema | undefined, keysOn: boolean) {
  const { api, method, access } = route;
  const name = method.toLowerCase();
  const shared = view?.[name] as Described | undefined;
  const own: Described = api === undefined ? (shared ?? NOTHING) : describeRoute(route, api);
  if (access === "open") return [name, own] as const;
  const responses = { ...own.responses, ...problems(codesOf(route)) };
  const security = keysOn ? { security: ANY_SCHEME } : {};
  return [name, { ...own, responses, ...security }] as const;
}

/** An operation of OpenAPI. */
interface Described {
  readonly responses: object;
  readonly [field: string]: unknown;
}

const NOTHING: Described = { responses: {} };

/** The codes of a route, with those of its access. */
function codesOf({ codes = [], access }: Route): readonly ErrorCode[] {
  return access === "open" ? codes : [...codes, ...KEY_CODES];
}

function describeRoute(route: Route, api: RouteApi): Described {
  const { method, path, query } = route;
  const { operationId, summary, schema, type, body } = api;
  const hasBody = method !== "GET";
  return {
    operationId,
    summary,
    parameters: [...(path.includes(":id") ? [describeId(path)] : []), ...describeQuery(query)],
    responses: {
      [hasBody && body === undefined ? 202 : 200]: response(
        summary,
        schema === undefined ? TEXT : ref(schema),
        type,
      ),
      ...problems(codesOf(route)),
    },
    ...(hasBody ? { requestBody: body === undefined ? EMPTY_BODY : jsonBody(body) } : {}),
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
