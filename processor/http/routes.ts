/**
 * The routes of the processor as one table: what each reads or does, its parameters
 * (schemas.ts) and its errors. server.ts answers them, openapi.ts describes them.
 */
import { isEventId, type ErrorCode, type Metrics, type MetricsFrame } from "@tally/shared";
import type { Problem } from "@tally/shared";
import type { FrameHistory } from "@tally/shared/frame_history";
import type { Database } from "@tally/shared/database";
import type { RouteAccess } from "../access/access.ts";
import type { AccessParts } from "../access/start_access.ts";
import type { Resender } from "../dead_letters/resend.ts";
import type { Connection, Hub } from "../live/stream.ts";
import { answerActuator, answerReady } from "./health.ts";
import { describeApi } from "./openapi.ts";
import { findObjects } from "./queries/archive_objects.ts";
import { findDeadLetterCodes } from "./queries/dead_letter_codes.ts";
import { findDeadLetter, findDeadLetters, isDeadLetterId } from "./queries/dead_letters.ts";
import { findEvents } from "./queries/events.ts";
import { findTrace } from "./queries/trace.ts";
import type { Queries } from "../queries/queries.ts";
import { createQueryGate, type QueryGate } from "./query_gate.ts";
import { queryRoutes } from "./query_routes.ts";
import { resendRoutes } from "./resend_routes.ts";
import type { Route, RouteApi, RouteRequest } from "./route.ts";
import { sessionRoutes, type ClientOf } from "./session_routes.ts";
import {
  DEAD_LETTERS_QUERY,
  EVENTS_QUERY,
  OBJECTS_QUERY,
  readQuery,
  type Query,
  type QuerySchema,
} from "./schemas.ts";

/** What the routes read from. */
export interface RouteParts extends AccessParts {
  /** A separate pool: queries of viewers don't wait for batches, nor batches for them. */
  readonly sql: Database;
  /** Answers the questions of analytics, on connections of their own. */
  readonly queries: Queries;
  readonly metrics: Metrics<"processor">;
  readonly hub: Hub;
  /** The figures of the last half hour, as this processor saw them. */
  readonly history: () => FrameHistory;
  readonly resender: Resender;
  readonly dependencies: () => MetricsFrame["dependencies"];
  /** Whether the rows' pipeline has joined its group. */
  readonly isJoined: () => boolean;
  /** Groups of other processors on the same tables. */
  readonly otherGroups: () => readonly string[];
  /** Records that Kafka deleted before they were read, and that no operator has acknowledged. */
  readonly lostRecords: () => number;
  /** What to change so that dead letters reach their topic, or null when it is there. */
  readonly dlqRemedy: () => string | null;
}

/** What the routes need of the listening server. */
export interface ServerHooks {
  readonly isStopping: () => boolean;
  /** Lifts the idle limit of a connection. */
  readonly keepOpen: (request: Request) => void;
  readonly clientOf: ClientOf;
  /** Gives up a connection whose viewer doesn't read. */
  readonly cut: (request: Request) => void;
}

/** Queries at once: the pool has a few connections, the rest of the queries wait for these. */
const QUERIES_MAX = 64;
const QUERY_WAIT_MS_MAX = 6000;

/** Makes the table. */
export function createRoutes(parts: RouteParts, hooks: ServerHooks): readonly Route[] {
  const gate = createQueryGate({
    sql: parts.sql,
    queriesMax: QUERIES_MAX,
    waitMsMax: QUERY_WAIT_MS_MAX,
  });
  let document: object | null = null;
  const routes: readonly Route[] = [
    streamRoute(parts, hooks),
    historyRoute(parts),
    ...listRoutes(parts.sql, gate),
    ...queryRoutes(parts.queries),
    ...resendRoutes(parts.resender),
    ...sessionRoutes(parts.sessions, hooks.clientOf),
    ...operationRoutes(parts, hooks),
    view("/openapi.json", "open", () => {
      document ??= describeApi(routes, parts.sessions.access.keysOn);
      return Response.json(document);
    }),
  ];
  return routes;
}

function listRoutes(sql: Database, gate: QueryGate): readonly Route[] {
  return [
    list(gate, {
      path: "/events",
      api: {
        operationId: "listEvents",
        summary: "Stored rows, newest first",
        schema: "EventsPage",
      },
      query: EVENTS_QUERY,
      codes: ["query_too_wide"],
      find: (query) => findEvents(sql, query),
    }),
    single(gate, {
      path: "/events/:id/trace",
      api: {
        operationId: "traceEvent",
        summary: "Where one event is: accepted, log, row, archive object",
        schema: "EventTrace",
      },
      find: (id) => (isEventId(id) ? findTrace(sql, id) : null),
    }),
    list(gate, {
      path: "/dead-letters",
      api: {
        operationId: "listDeadLetters",
        summary: "Records set aside, newest first, without their bytes",
        schema: "DeadLettersPage",
      },
      query: DEAD_LETTERS_QUERY,
      find: (query) => findDeadLetters(sql, query),
    }),
    {
      ...single(gate, {
        path: "/dead-letters/codes",
        api: {
          operationId: "countDeadLetters",
          summary: "Records set aside, counted by code: all, unresolved, first and last seen",
          schema: "DeadLetterCodes",
        },
        find: () => findDeadLetterCodes(sql),
      }),
      codes: DATABASE_CODES,
    },
    single(gate, {
      path: "/dead-letters/:id",
      api: {
        operationId: "getDeadLetter",
        summary:
          "One record set aside: the exact bytes of key, value and headers until they are cleared (`clearedAt`), and what became of each resend",
        schema: "DeadLetterDetail",
      },
      find: (id) => (isDeadLetterId(id) ? findDeadLetter(sql, id) : null),
    }),
    list(gate, {
      path: "/archive/objects",
      api: {
        operationId: "listArchiveObjects",
        summary: "Ranges of the log that the archive has planned and stored",
        schema: "ObjectsPage",
      },
      query: OBJECTS_QUERY,
      find: (query) => findObjects(sql, query),
    }),
  ];
}

function operationRoutes(parts: RouteParts, hooks: ServerHooks): readonly Route[] {
  const { metrics } = parts;
  const health = () => ({
    dependencies: parts.dependencies(),
    isStopping: hooks.isStopping(),
    isJoined: parts.isJoined(),
    otherGroups: parts.otherGroups(),
    lostRecords: parts.lostRecords(),
    dlqRemedy: parts.dlqRemedy(),
  });
  const expose = async (): Promise<Response> =>
    new Response(await metrics.expose(), { headers: { "content-type": metrics.contentType } });
  return [
    view("/health/live", "open", () => Response.json({ status: "UP" })),
    view("/health/ready", "open", () => answerReady(health())),
    view("/actuator/health", "open", () => answerActuator(health())),
    view("/metrics", "read", expose),
  ];
}

/** A view that both services have. */
function view(path: string, access: RouteAccess, answer: Route["answer"]): Route {
  return { method: "GET", path, access, answer };
}

function streamRoute(parts: RouteParts, hooks: ServerHooks): Route {
  return {
    method: "GET",
    access: "read",
    path: "/metrics/stream",
    api: {
      operationId: "streamMetrics",
      summary:
        "Server-sent events, at once and then one of each per `STREAM_INTERVAL_MS`: `metrics` is a full frame (schema MetricsFrame), `counts` has the events of the open minute and the one before by type (schema CountsFrame)",
      type: "text/event-stream",
    },
    codes: ["overloaded"],
    answer: (routed) => subscribe(parts, hooks, routed),
  };
}

function historyRoute({ history }: RouteParts): Route {
  return {
    method: "GET",
    access: "read",
    path: "/metrics/history",
    api: {
      operationId: "getMetricsHistory",
      summary: "Figures of the last half hour as this processor saw them, one point per 5 s",
      schema: "FrameHistory",
    },
    answer: () => Response.json(history(), { headers: NOT_CACHED }),
  };
}

function subscribe(
  { hub, watch }: RouteParts,
  hooks: ServerHooks,
  { request, holder }: RouteRequest,
): Response | Problem {
  // HEAD requests only the headers: a stream would have no reader.
  if (request.method === "HEAD") {
    return new Response(null, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  }
  const { signal } = request;
  const look = watch.begin(holder, "read", signal);
  const ended = look?.ended ?? null;
  const connection: Connection = { signal, ended, cut: () => hooks.cut(request) };
  const response = hub.subscribe(connection);
  if (response === null) {
    look?.end();
    return { code: "overloaded" };
  }
  hooks.keepOpen(request);
  return response;
}

const DATABASE_CODES = [
  "overloaded",
  "database_unavailable",
  "database_misconfigured",
] as const satisfies ErrorCode[];
const NOT_CACHED = { "cache-control": "no-store" } as const;

interface ListOptions<S extends QuerySchema> {
  readonly path: string;
  readonly api: RouteApi;
  readonly query: S;
  /** Codes that other lists don't have. */
  readonly codes?: readonly ErrorCode[];
  readonly find: (query: Query<S>) => Promise<object>;
}

/** A route that answers a page of a list. */
function list<S extends QuerySchema>(gate: QueryGate, options: ListOptions<S>): Route {
  const { path, api, query: schema, codes = [], find } = options;
  return {
    method: "GET",
    access: "read",
    path,
    api,
    query: schema,
    codes: ["invalid_parameter", ...DATABASE_CODES, ...codes],
    answer: async ({ request }) => {
      const read = readQuery(schema, new URL(request.url).searchParams);
      if (read.kind === "refused") return read.problem;
      return Response.json(await gate(() => find(read.query)), { headers: NOT_CACHED });
    },
  };
}

interface SingleOptions {
  readonly path: string;
  readonly api: RouteApi;
  /** Finds the document of an id, or gives null when there is none. */
  readonly find: (id: string) => Promise<object | null> | null;
}

/** A route that answers one document by its id. */
function single(gate: QueryGate, { path, api, find }: SingleOptions): Route {
  const answer = async ({ id }: RouteRequest): Promise<Response | Problem> => {
    const found = await gate(async () => find(id));
    if (found === null) return { code: "not_found" };
    return Response.json(found, { headers: NOT_CACHED });
  };
  const codes: readonly ErrorCode[] = ["not_found", ...DATABASE_CODES];
  return { method: "GET", access: "read", path, api, codes, answer };
}
