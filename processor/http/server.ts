/**
 * The processor's HTTP server. A new route is one entry in routes.ts, its parameters
 * one schema in schemas.ts. 404, 405, preflights and internal errors are answered
 * here; 400 `invalid_parameter` in schemas.ts.
 */
import {
  ALLOW_READS,
  createClientRule,
  createCors,
  createHostRule,
  endsConnection,
  errorCode,
  ERRORS,
  guardRequests,
  problemResponse,
  PROXIED_MESSAGE,
  refusesProxied,
  type Config,
  type Log,
  type Problem,
} from "@tally/shared";
import { Elysia } from "elysia";
import { admit } from "./admit.ts";
import { createDashboardFiles } from "./dashboard_files.ts";
import type { Route } from "./route.ts";
import { createRoutes, type RouteParts, type ServerHooks } from "./routes.ts";

export interface ServerParts extends RouteParts {
  readonly config: Pick<Config<"processor">, "processor" | "http">;
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
/** The idle limit that cuts a viewer that doesn't read: the shortest that Bun allows. */
const CUT_SECONDS = 1;

/** Listens and answers. */
export function startServer(parts: ServerParts): ProcessorServer {
  const { host, port } = parts.config.processor;
  const { keepAliveSeconds, trustedProxies } = parts.config.http;
  const clients = createClientRule(trustedProxies);
  let isStopping = false;
  const app = createApp(parts, {
    isStopping: () => isStopping,
    keepOpen: (request) => server.timeout(request, 0),
    cut: (request) => server.timeout(request, CUT_SECONDS),
    clientOf(request) {
      const socket = server.requestIP(request)?.address ?? "";
      const { headers } = request;
      return {
        address: clients.addressOf(headers, socket),
        isSecure: clients.isSecure(headers, socket),
      };
    },
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
    // read_body.ts bounds the bodies that are read, and its refusals are problem documents.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    // Streams have no such limit.
    idleTimeout: keepAliveSeconds,
  });
  const heartbeat = setInterval(() => parts.hub.heartbeat(), HEARTBEAT_INTERVAL_MS);
  return {
    url: server.url.origin,
    announceStop() {
      isStopping = true;
    },
    async stop(waitMsMax) {
      isStopping = true;
      clearInterval(heartbeat);
      parts.watch.stop();
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
  const { access } = parts.sessions;
  const admitParts = { cors, access, clientOf: hooks.clientOf, log };
  const { dashboardFolder: folder, ingestUrl } = parts;
  const dashboard = createDashboardFiles({ folder, ingestUrl });
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
  const finish = (request: Request, response: Response): Response => {
    if (endsConnection(request)) response.headers.set("connection", "close");
    return cors.mark(request, response);
  };
  /** Answers a request whose path has routes, but none for its method. */
  const answerOther = (request: Request, allow: string): Response =>
    request.method === "OPTIONS"
      ? cors.preflight(request, allow)
      : refuse({ code: "method_not_allowed" }, { allow });
  /** Answers a path that has no route: with a file of the dashboard, or with 404. */
  const answerFile = async (request: Request): Promise<Response> => {
    const file = await dashboard.answer(new URL(request.url));
    if (file === null) return refuse({ code: "not_found" });
    return READS.has(request.method) ? file : answerOther(request, ALLOW_READS);
  };
  const answerRoute = async (route: Route, request: Request, id: string): Promise<Response> => {
    const admission = await admit(route, request, admitParts);
    if (admission.kind === "refused") return refuse(admission.problem, admission.headers);
    const { holder } = admission;
    const found = await route.answer({ request, id, holder });
    return found instanceof Response ? found : refuse(found);
  };
  // By default Elysia finds no route when the Host header is shorter than four characters.
  const app = new Elysia({ handler: { standardHostname: false } })
    .onError(({ request, error }) => finish(request, fail(error)))
    .all("/*", async ({ request }) => finish(request, await answerFile(request)), NOT_PARSED);
  for (const [path, routes] of Map.groupBy(createRoutes(parts, hooks), (route) => route.path)) {
    const allow = allowOf(routes);
    const handle = async ({ request, params }: RouteContext): Promise<Response> => {
      const { id } = params ?? {};
      // Elysia takes "/events//trace" for this path.
      if (id === "") return finish(request, refuse({ code: "not_found" }));
      const method = request.method === "HEAD" ? "GET" : request.method;
      const route = routes.find((each) => each.method === method);
      if (route === undefined) return finish(request, answerOther(request, allow));
      return finish(request, await answerRoute(route, request, id ?? ""));
    };
    app.all(path, handle, NOT_PARSED);
  }
  const { processor, http } = parts.config;
  const guarded = guardRequests(app.fetch, {
    hostRule: createHostRule({ listensOn: processor.host, names: http.hosts }),
    onProxied: refusesProxied(http) ? () => parts.log.warn({}, PROXIED_MESSAGE) : null,
    refuse: (request, code) => finish(request, refuse({ code })),
  });
  return { fetch: guarded, fail };
}

/** The `Allow` header of a path. */
function allowOf(routes: readonly Route[]): string {
  const methods = routes.map(({ method }) => (method === "GET" ? "GET, HEAD" : method));
  return [...methods, "OPTIONS"].join(", ");
}

interface RouteContext {
  readonly request: Request;
  /** Absent when the path has none. */
  readonly params?: Record<string, string | undefined>;
}

/** Elysia leaves bodies alone: read_body.ts bounds the few that are read. */
const NOT_PARSED = { parse: "none" } as const;
const READS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
