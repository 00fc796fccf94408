/**
 * The processor's HTTP server. A new route is one entry in routes.ts, its parameters
 * one schema in schemas.ts. 404, 405, preflights and internal errors are answered
 * here; 400 `invalid_parameter` in schemas.ts.
 */
import {
  ALLOW_CHANGES,
  ALLOW_READS,
  createCors,
  errorCode,
  ERRORS,
  problemResponse,
  requireReadableUrl,
  type Config,
  type Log,
  type Problem,
} from "@tally/shared";
import { Elysia } from "elysia";
import { createDashboardFiles } from "./dashboard_files.ts";
import { createRoutes, type RouteParts, type ServerHooks } from "./routes.ts";

export interface ServerParts extends RouteParts {
  readonly config: Pick<Config<"processor">, "processor">;
  readonly log: Log;
  /** The dashboard's build. */
  readonly dashboardFolder: string;
  /** Where the dashboard sends events, or null when ingest is on its own host's usual port. */
  readonly ingestUrl: string | null;
  readonly newRequestId: () => string;
}

/** A server that listens. */
export interface ProcessorServer {
  readonly url: string;
  /** Makes readiness 503 from now on; all other requests are answered as before. */
  announceStop(): void;
  /** Ends the streams, accepts no new connection, and cuts what is still open after a time. */
  stop(waitMsMax: number): Promise<void>;
}

/** Pause between comments in a stream; proxies close silent connections after much longer. */
const HEARTBEAT_INTERVAL_MS = 5000;
/** No route reads a body. */
const BODY_BYTES_MAX = 16 * 1024;
/** Seconds until Bun closes a connection without traffic; streams have no such limit. */
const IDLE_SECONDS_MAX = 30;
/** The idle limit that cuts a viewer that doesn't read: the shortest that Bun allows. */
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
    // Without this and `error`, Bun answers an unexpected error with a page that shows source code.
    development: false,
    // By default Bun shares a port that is taken when `development` is false.
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

/** The routes as one function of a request. */
export interface App {
  fetch(request: Request): Response | Promise<Response>;
  /** The answer to an error that no route caught. */
  fail(error: unknown): Response;
}

/** The routes as one function; tests call `fetch()` without a socket. */
export function createApp(parts: ServerParts, hooks: ServerHooks): App {
  const { log, newRequestId } = parts;
  const cors = createCors(parts.config.processor.corsOrigins);
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
  const fail = (error: unknown): Response => {
    const response = refuse({ code: errorCode(error) });
    const { level } = ERRORS[errorCode(error)];
    const requestId = response.headers.get("x-request-id");
    if (level !== null) log[level]({ error, requestId }, "Request was not answered.");
    return response;
  };
  const notFound = (): Response => refuse({ code: "not_found" });
  /** Answers a request whose path has routes, but none for its method. */
  const answerOther = (request: Request, allow: string): Response =>
    request.method === "OPTIONS"
      ? cors.preflight(request, allow)
      : refuse({ code: "method_not_allowed" }, { allow });
  /** Answers a path that has no route: with a file of the dashboard, or with 404. */
  const answerFile = async (request: Request): Promise<Response> => {
    const file = await dashboard.answer(new URL(request.url));
    if (file === null) return notFound();
    return READS.has(request.method) ? file : answerOther(request, ALLOW_READS);
  };
  // By default Elysia finds no route when the Host header is shorter than four characters.
  const app = new Elysia({ handler: { standardHostname: false } })
    .onError(({ request, error }) => cors.mark(request, fail(error)))
    // GET of this path asks for the dead letter with the id "resend", which never exists: 404.
    // Without these two routes the answer would be 405, because the path has a POST route.
    .route("GET", "/dead-letters/resend", ({ request }) => cors.mark(request, notFound()))
    .route("HEAD", "/dead-letters/resend", ({ request }) => cors.mark(request, notFound()))
    .all("/*", async ({ request }) => cors.mark(request, await answerFile(request)), NOT_PARSED);
  for (const { method, path, answer } of createRoutes(parts, hooks)) {
    const handle = async ({ request, params }: RouteContext): Promise<Response> => {
      const found = await answer({ request, id: params?.["id"] ?? "" });
      return cors.mark(request, found instanceof Response ? found : refuse(found));
    };
    const allow = method === "GET" ? ALLOW_READS : ALLOW_CHANGES;
    app.route(method, path, handle, NOT_PARSED);
    if (method === "GET") app.route("HEAD", path, handle, NOT_PARSED);
    app.all(path, ({ request }) => cors.mark(request, answerOther(request, allow)), NOT_PARSED);
  }
  const refuseHost = (request: Request): Response =>
    cors.mark(request, refuse({ code: "invalid_host" }));
  return { fetch: requireReadableUrl(app.fetch, refuseHost), fail };
}

interface RouteContext {
  readonly request: Request;
  /** Absent when the path has none. */
  readonly params?: Record<string, string | undefined>;
}

/** No route reads a body. */
const NOT_PARSED = { parse: "none" } as const;
const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
