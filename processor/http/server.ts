/**
 * The routes of the processor: the live stream, questions about single events,
 * health, metrics and the dashboard. What no route takes, and what nobody
 * expected, gets its status here, once.
 */
import {
  createCors,
  errorCode,
  ERRORS,
  isEventId,
  problemResponse,
  requireReadableUrl,
} from "@tally/shared";
import type { Config, Log, Metrics, MetricsFrame, Problem } from "@tally/shared";
import { Elysia } from "elysia";
import { createDashboardFiles } from "./dashboard_files.ts";
import type { Database } from "../database/database.ts";
import type { Resender } from "../dead_letters/resend.ts";
import { answerActuator, answerReady } from "./health.ts";
import { describeApi } from "./openapi.ts";
import { findObjects, readObjectsQuery } from "./queries/archive_objects.ts";
import { findDeadLetterCodes } from "./queries/dead_letter_codes.ts";
import {
  findDeadLetter,
  findDeadLetters,
  isDeadLetterId,
  readDeadLettersQuery,
} from "./queries/dead_letters.ts";
import { findEvents, readEventsQuery } from "./queries/events.ts";
import { isParameterFault, type ParameterFault } from "./queries/parameters.ts";
import { findTrace } from "./queries/trace.ts";
import { createQueryGate, type QueryGate } from "./query_gate.ts";
import { answerBulkResend, answerResend } from "./resend_routes.ts";
import type { Connection, Hub } from "../live/stream.ts";

export interface ServerParts {
  readonly config: Pick<Config<"processor">, "processor">;
  /** A pool of its own: a viewer's question must not wait behind a batch, nor a batch behind it. */
  readonly sql: Database;
  readonly metrics: Metrics<"processor">;
  readonly log: Log;
  readonly hub: Hub;
  readonly resender: Resender;
  readonly dependencies: () => MetricsFrame["dependencies"];
  /** Whether the rows' pipeline has joined its group. */
  readonly isJoined: () => boolean;
  /** The dashboard's build. */
  readonly dashboardFolder: string;
  /** Where the dashboard sends events; null: it finds ingest on its own host, at the usual port. */
  readonly ingestUrl: string | null;
  readonly newRequestId: () => string;
}

/** A server that listens. */
export interface ProcessorServer {
  readonly url: string;
  /** Readiness goes off; everything else goes on. */
  announceStop(): void;
  /** Ends the streams, takes no new connection, and cuts what is still open after a time. */
  stop(waitMsMax: number): Promise<void>;
}

/** Pauses between comments, well below what proxies take for a dead connection. */
const HEARTBEAT_INTERVAL_MS = 5000;
/**
 * Questions to the database at once; behind the pool's few connections the rest would only wait.
 */
const QUERIES_MAX = 64;
const QUERY_WAIT_MS_MAX = 6000;
/** No route reads a body. */
const BODY_BYTES_MAX = 16 * 1024;
/** Seconds until Bun gives up a connection without traffic; streams have no such limit. */
const IDLE_SECONDS_MAX = 30;
/** A viewer that doesn't read is cut by the idle limit: the shortest there is. */
const CUT_SECONDS = 1;

/** Listens and answers. */
export function startServer(parts: ServerParts): ProcessorServer {
  const { host, port } = parts.config.processor;
  let isStopping = false;
  const app = createApp(parts, {
    isStopping: () => isStopping,
    keepOpen: (request) => server.timeout(request, 0),
    cut: (request) => server.timeout(request, CUT_SECONDS),
  });
  const server = Bun.serve({
    hostname: host,
    port,
    fetch: app.fetch,
    // Without these two Bun answers an unexpected error with a page that shows source code.
    development: false,
    // With development: false Bun shares a port that is taken already, unless told otherwise.
    reusePort: false,
    error: app.fail,
    maxRequestBodySize: BODY_BYTES_MAX,
    idleTimeout: IDLE_SECONDS_MAX,
  });
  const heartbeat = setInterval(() => parts.hub.heartbeat(), HEARTBEAT_INTERVAL_MS);
  return {
    url: `http://${host}:${server.port}`,
    announceStop() {
      isStopping = true;
    },
    async stop(waitMsMax) {
      isStopping = true;
      clearInterval(heartbeat);
      parts.hub.close();
      const cut = setTimeout(() => void server.stop(true), waitMsMax);
      await server.stop(false);
      clearTimeout(cut);
    },
  };
}

/** What the routes need of the listening server. */
export interface ServerHooks {
  readonly isStopping: () => boolean;
  /** Lifts the idle limit of a connection. */
  readonly keepOpen: (request: Request) => void;
  /** Gives up a connection whose viewer doesn't read. */
  readonly cut: (request: Request) => void;
}

/** The routes as one function of a request. */
export interface App {
  fetch(request: Request): Response | Promise<Response>;
  /** The answer to an error that no route caught. */
  fail(error: unknown): Response;
}

/** The routes; tests ask them through `fetch()`. */
export function createApp(parts: ServerParts, hooks: ServerHooks): App {
  const { log, newRequestId } = parts;
  const cors = createCors(parts.config.processor.corsOrigins);
  const views = createViews(parts, hooks);
  const dashboard = createDashboardFiles({
    folder: parts.dashboardFolder,
    ingestUrl: parts.ingestUrl,
  });
  const refuse = (problem: Problem, headers: Record<string, string> = {}): Response => {
    const response = problemResponse(problem, newRequestId(), headers);
    if (response.status === 503)
      parts.metrics.processor_unavailable_total.inc({ code: problem.code });
    return response;
  };
  const answerUnrouted = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const view = views.find(({ path }) => matches(path, url.pathname));
    const file = view === undefined ? await dashboard.answer(url) : null;
    if (view === undefined && file === null) return refuse({ code: "not_found" });
    const allow = view?.changes === true ? ALLOW_CHANGE : ALLOW;
    if (request.method === "OPTIONS") return cors.preflight(request, allow);
    if (file !== null && READS.has(request.method)) return file;
    return refuse({ code: "method_not_allowed" }, { allow });
  };
  const fail = (error: unknown): Response => {
    const response = refuse({ code: errorCode(error) });
    const { level } = ERRORS[errorCode(error)];
    const requestId = response.headers.get("x-request-id");
    if (level !== null) log[level]({ error, requestId }, "Request was not answered.");
    return response;
  };
  // By default Elysia finds no route when the Host header is shorter than four characters.
  const app = new Elysia({ handler: { standardHostname: false } }).onError(
    async ({ request, error, code }) =>
      cors.mark(request, code === "NOT_FOUND" ? await answerUnrouted(request) : fail(error)),
  );
  for (const { path, view, changes = false } of views) {
    const answer = async (request: Request, id: string): Promise<Response> => {
      const found = await view({ request, id });
      return cors.mark(request, found instanceof Response ? found : refuse(found));
    };
    const route = ({ request, params }: RouteContext): Promise<Response> =>
      answer(request, params?.["id"] ?? "");
    if (changes) app.route("POST", path, route, NOT_PARSED);
    else app.route("GET", path, route).route("HEAD", path, route);
  }
  const refuseHost = (request: Request): Response =>
    cors.mark(request, refuse({ code: "invalid_host" }));
  return { fetch: requireReadableUrl(app.fetch, refuseHost), fail };
}

interface RouteContext {
  readonly request: Request;
  /** Absent where the path has none. */
  readonly params?: Record<string, string | undefined>;
}

const ALLOW = "GET, HEAD, OPTIONS";
const ALLOW_CHANGE = "POST, OPTIONS";
const NOT_PARSED = { parse: "none" } as const;
const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Whether a path is one of a route, whose `:id` stands for one segment. */
function matches(route: string, pathname: string): boolean {
  const wanted = route.split("/");
  const segments = pathname.split("/");
  return (
    wanted.length === segments.length &&
    wanted.every((word, index) => word === ":id" || word === segments[index])
  );
}

interface Asked {
  readonly request: Request;
  /** The id in the path, "" where the route has none. */
  readonly id: string;
}

/** One thing that can be read, or done. */
interface Route {
  readonly path: string;
  /** Whether it is asked for with POST; absent: it only reads. */
  readonly changes?: boolean;
  readonly view: (asked: Asked) => Response | Problem | Promise<Response | Problem>;
}

function createViews(parts: ServerParts, hooks: ServerHooks): readonly Route[] {
  const { sql, hub, metrics } = parts;
  const gate = createQueryGate({ queriesMax: QUERIES_MAX, waitMsMax: QUERY_WAIT_MS_MAX });
  const openapi = describeApi();
  const health = () => ({
    dependencies: parts.dependencies(),
    isStopping: hooks.isStopping(),
    isJoined: parts.isJoined(),
  });
  return [
    // Before what they would match as well: a route's own words come first.
    {
      path: "/dead-letters/resend",
      changes: true,
      view: ({ request }) => answerBulkResend(parts.resender, request),
    },
    {
      path: "/dead-letters/:id/resend",
      changes: true,
      view: (asked) => answerResend(parts.resender, asked),
    },
    { path: "/dead-letters/codes", view: one(gate, () => findDeadLetterCodes(sql)) },
    { path: "/metrics/stream", view: ({ request }) => subscribe(hub, hooks, request) },
    {
      path: "/events",
      view: page(gate, readEventsQuery, (query) => findEvents(sql, query)),
    },
    {
      path: "/events/:id/trace",
      view: one(gate, ({ id }) => (isEventId(id) ? findTrace(sql, id) : null)),
    },
    {
      path: "/dead-letters",
      view: page(gate, readDeadLettersQuery, (query) => findDeadLetters(sql, query)),
    },
    {
      path: "/dead-letters/:id",
      view: one(gate, ({ id }) => (isDeadLetterId(id) ? findDeadLetter(sql, id) : null)),
    },
    {
      path: "/archive/objects",
      view: page(gate, readObjectsQuery, (query) => findObjects(sql, query)),
    },
    { path: "/health/live", view: () => Response.json({ status: "UP" }) },
    { path: "/health/ready", view: () => answerReady(health()) },
    { path: "/actuator/health", view: () => answerActuator(health()) },
    { path: "/openapi.json", view: () => Response.json(openapi) },
    {
      path: "/metrics",
      view: async () =>
        new Response(await metrics.expose(), { headers: { "content-type": metrics.contentType } }),
    },
  ];
}

function subscribe(hub: Hub, hooks: ServerHooks, request: Request): Response | Problem {
  // Nobody would read it.
  if (request.method === "HEAD") {
    return new Response(null, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
  }
  const connection: Connection = { signal: request.signal, cut: () => hooks.cut(request) };
  const response = hub.subscribe(connection);
  if (response === null) return { code: "overloaded" };
  hooks.keepOpen(request);
  return response;
}

/** A route that answers a page of a list. */
function page<Q extends object>(
  gate: QueryGate,
  read: (search: URLSearchParams) => Q | ParameterFault,
  find: (query: Q) => Promise<object>,
): Route["view"] {
  return async ({ request }) => {
    const query = read(new URL(request.url).searchParams);
    if (isParameterFault(query)) return query;
    return Response.json(await gate(() => find(query)), { headers: NOT_CACHED });
  };
}

/** A route that answers one thing by its id. */
function one(
  gate: QueryGate,
  find: (asked: Asked) => Promise<object | null> | null,
): Route["view"] {
  return async (asked) => {
    const found = await gate(async () => find(asked));
    if (found === null) return { code: "not_found" };
    return Response.json(found, { headers: NOT_CACHED });
  };
}

const NOT_CACHED = { "cache-control": "no-store" } as const;
