/**
 * The routes of ingest: `POST /events` and the views on its health. What no
 * route takes, and what nobody expected, gets its status here, once.
 */
import { createCors, problemResponse, requireReadableUrl, type Cors } from "@tally/shared";
import { Elysia } from "elysia";
import { Flow, type FlowParts } from "./flow.ts";
import { answerActuator, answerReady } from "./health.ts";
import { newRequestId } from "./id.ts";
import { describeApi } from "./openapi.ts";

/** A server that listens. */
export interface IngestServer {
  readonly url: string;
  /** Requests without an answer. */
  readonly requestsInFlight: number;
  /** Readiness goes off, and every answer asks its client to close the connection. */
  announceStop(): void;
  /** Takes no new connection; resolves when every request has its answer. */
  close(): Promise<void>;
  /** Cuts what is still open. */
  cut(): Promise<void>;
}

/** Bytes of a refused body that are taken and dropped, so that its sender reads the answer. */
const DROPPED_BYTES_MAX = 64 * 1024 * 1024;
/** The request's own deadline must end it first; Bun allows at most 255. */
const IDLE_SECONDS_MAX = 255;

/** What the pages of the allow-list may set. */
const REQUEST_HEADERS = "content-type, content-encoding, idempotency-key, prefer";

type View = () => Response | Promise<Response>;

/** Listens and answers. */
export function serve(parts: FlowParts): IngestServer {
  const { ingest } = parts.config;
  const flow = new Flow(parts);
  const cors = createCors(ingest.corsOrigins, REQUEST_HEADERS);
  let isStopping = false;
  const views = createViews(parts, flow, () => isStopping);
  const finish = (request: Request, response: Response): Response => {
    const closes = isStopping || bodyBytes(request) > DROPPED_BYTES_MAX;
    if (closes) response.headers.set("connection", "close");
    return cors.mark(request, response);
  };
  const fail = (error: unknown): Response => {
    const requestId = newRequestId();
    parts.log.error({ error, requestId }, "Request ended in an error of ours.");
    return problemResponse({ code: "internal" }, requestId);
  };
  const refuseHost = (request: Request): Response =>
    finish(request, problemResponse({ code: "invalid_host" }, newRequestId()));
  // By default Elysia finds no route when the Host header is shorter than four characters.
  const app = new Elysia({ handler: { standardHostname: false } })
    .post("/events", async ({ request }) => finish(request, await flow.receive(request)), {
      parse: "none",
    })
    .onError(({ request, error, code }) => {
      if (code === "NOT_FOUND") return finish(request, answerUnrouted(request, views, cors));
      return finish(request, fail(error));
    });
  for (const [path, view] of views) {
    app.get(path, async ({ request }) => finish(request, await view()));
    app.route("HEAD", path, async ({ request }) => finish(request, await view()));
  }
  const server = Bun.serve({
    hostname: ingest.host,
    port: ingest.port,
    fetch: requireReadableUrl(app.fetch, refuseHost),
    // Without these two Bun answers an unexpected error with a page that shows source code.
    development: false,
    // With development: false Bun shares a port that is taken already, unless told otherwise.
    reusePort: false,
    error: fail,
    // Bodies are bounded by readBody(), which answers with a problem document.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: Math.min(Math.ceil(ingest.requestDeadlineMs / 1000) + 10, IDLE_SECONDS_MAX),
  });
  return {
    url: server.url.origin,
    get requestsInFlight() {
      return flow.requestsInFlight;
    },
    announceStop() {
      isStopping = true;
    },
    close: () => server.stop(false),
    cut: () => server.stop(true),
  };
}

/** What can be looked at, by path. */
function createViews(
  parts: FlowParts,
  flow: Flow,
  isStopping: () => boolean,
): ReadonlyMap<string, View> {
  const { metrics, producer, broker, config } = parts;
  const openapi = describeApi(config.ingest);
  const health = () => ({ isReachable: broker.isReachable, isStopping: isStopping() });
  return new Map<string, View>([
    ["/health/live", () => Response.json({ status: "UP" })],
    ["/health/ready", () => answerReady(health())],
    ["/actuator/health", () => answerActuator(health())],
    ["/openapi.json", () => Response.json(openapi)],
    [
      "/metrics",
      async () => {
        metrics.ingest_in_flight_requests.set(flow.requestsInFlight);
        metrics.ingest_in_flight_records.set(producer.queuedRecords);
        metrics.ingest_in_flight_bytes.set(producer.queuedBytes);
        const headers = { "content-type": metrics.contentType };
        return new Response(await metrics.expose(), { headers });
      },
    ],
  ]);
}

/** No such path, no such method, or a browser that asks what is allowed. */
function answerUnrouted(request: Request, views: ReadonlyMap<string, View>, cors: Cors): Response {
  const { pathname } = new URL(request.url);
  const isView = views.has(pathname);
  if (!isView && pathname !== "/events")
    return problemResponse({ code: "not_found" }, newRequestId());
  const allow = isView ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
  if (request.method === "OPTIONS") return cors.preflight(request, allow);
  return problemResponse({ code: "method_not_allowed" }, newRequestId(), { allow });
}

function bodyBytes(request: Request): number {
  return Number(request.headers.get("content-length"));
}
