/**
 * The routes of ingest: those that take events (flow.ts) and the views of its health. 404,
 * 405 and answers to internal errors are made here. A new path to read is one line
 * in `createViews()`, one that takes events a line in `FORMS`; each is a line in openapi.ts, too.
 */
import {
  ALLOW_CHANGES,
  ALLOW_OPTIONS,
  ALLOW_READS,
  createClientRule,
  createCors,
  createHostRule,
  endsConnection,
  guardRequests,
  problemResponse,
  PROXIED_MESSAGE,
  refusesProxied,
  type ErrorCode,
} from "@tally/shared";
import { Elysia } from "elysia";
import { CLIENT_VIEWS } from "./client_files.ts";
import { CLOUD_EVENTS_FORM } from "./cloudevents/cloudevents_form.ts";
import { isCloudEvents } from "./cloudevents/request_head.ts";
import { EVENTS_FORM } from "./events/events_form.ts";
import { Flow, type FlowParts } from "./flow.ts";
import { answerActuator, answerReady } from "./health.ts";
import { newRequestId } from "./form/id.ts";
import type { RequestForm } from "./form/request_form.ts";
import { SEGMENT_FORMS } from "./segment/segment_form.ts";
import { answerSettings, SETTINGS_PATH } from "./segment/settings.ts";
import type { KnownKeys } from "./keys/known_keys.ts";
import { describeApi } from "./openapi.ts";
import type { Health } from "./processes/state.ts";
import type { Group } from "./processes/worker.ts";

/** What the server is built from. */
export interface ServerParts extends FlowParts {
  /** The other processes that share the port; absent when this one is alone. */
  readonly group?: Group | undefined;
  /** What is known of keys; null with keys off. */
  readonly keys: Pick<KnownKeys, "health"> | null;
}

/** A server that listens. */
export interface IngestServer {
  readonly url: string;
  /** Requests without an answer. */
  readonly requestsInFlight: number;
  /** From now on readiness is 503, and every answer asks its client to close the connection. */
  announceStop(): void;
  /** Accepts no new connection; resolves when every request has its answer. */
  close(): Promise<void>;
  /** Cuts the connections that are still open. */
  cut(): Promise<void>;
}

/** Headers that pages of the listed origins may set. */
const REQUEST_HEADERS = ["content-type", "content-encoding", "idempotency-key", "prefer"];

/** The form of a request to a route. */
type FormOf = (request: Request) => RequestForm;

/** The routes that take events, and the form of each request to one. */
const FORMS: readonly (readonly [path: string, formOf: FormOf])[] = [
  ["/events", ({ headers }) => (isCloudEvents(headers) ? CLOUD_EVENTS_FORM : EVENTS_FORM)],
  ...SEGMENT_FORMS.map(([path, form]) => [path, () => form] as const),
];

const METRICS_PATH = "/metrics";

/** Elysia leaves the body alone: readBody() bounds it. */
const NOT_PARSED = { parse: "none" } as const;

/** Listens and answers. */
export function serve(parts: ServerParts): IngestServer {
  const { ingest, http } = parts.config;
  const clients = createClientRule(http.trustedProxies);
  const flow = new Flow(parts, (request) =>
    clients.addressOf(request.headers, server.requestIP(request)?.address ?? ""),
  );
  let isStopping = false;
  const app = createApp(parts, flow, () => isStopping);
  const server = Bun.serve({
    hostname: ingest.host,
    port: ingest.port,
    fetch: app.fetch,
    // Without these two Bun answers an unexpected error with a page that shows source code.
    development: false,
    error: app.fail,
    // By default Bun shares a port that is taken when `development` is false.
    reusePort: parts.group !== undefined,
    // readBody() bounds bodies, and its refusals are problem documents.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: http.keepAliveSeconds,
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

/** The routes as one function of a request. */
interface App {
  fetch(request: Request): Response | Promise<Response>;
  /** The answer to an error that no route caught. */
  fail(error: unknown): Response;
}

function createApp(parts: ServerParts, flow: Flow, isStopping: () => boolean): App {
  const { corsOrigins } = parts.config.ingest;
  const reading = createCors(corsOrigins, { requestHeaders: REQUEST_HEADERS });
  // A preflight has no key in it.
  const alsoAllows = (origin: string) => parts.senders.allowsOrigin(origin);
  const settings = createCors(corsOrigins, { requestHeaders: REQUEST_HEADERS, alsoAllows });
  const sending = createCors(corsOrigins, {
    requestHeaders: REQUEST_HEADERS,
    allowsCredentials: true,
    alsoAllows,
  });
  const finish = (request: Request, response: Response, cors = reading): Response => {
    if (isStopping() || endsConnection(request)) response.headers.set("connection", "close");
    return cors.mark(request, response);
  };
  const refuse = (code: ErrorCode, headers?: Record<string, string>): Response =>
    problemResponse({ code }, newRequestId(), headers);
  const fail = (error: unknown): Response => {
    const requestId = newRequestId();
    parts.log.error({ error, requestId }, "Request ended in an internal error.");
    return problemResponse({ code: "internal" }, requestId);
  };
  /** Every method that a path has no route for. */
  const answerOther = (request: Request, allow: string, cors = reading): Response => {
    if (request.method === "OPTIONS") return finish(request, cors.preflight(request, allow), cors);
    return finish(request, refuse("method_not_allowed", { allow }), cors);
  };
  // By default Elysia finds no route when the Host header is shorter than four characters.
  const app = new Elysia({ handler: { standardHostname: false } })
    // OPTIONS of "/" is how simple balancers check whether a server is alive.
    .route("OPTIONS", "/", ({ request }) =>
      finish(request, reading.preflight(request, ALLOW_OPTIONS)),
    )
    .onError(({ request, error, code }) =>
      finish(request, code === "NOT_FOUND" ? refuse("not_found") : fail(error)),
    );
  for (const [path, formOf] of FORMS) {
    const answer = async ({ request }: { readonly request: Request }): Promise<Response> =>
      finish(request, await flow.receive(request, formOf(request)), sending);
    app.post(path, answer, NOT_PARSED);
    app.all(path, ({ request }) => answerOther(request, ALLOW_CHANGES, sending), NOT_PARSED);
  }
  for (const [path, view] of createViews(parts, flow, isStopping)) {
    // The pages that read the settings are those that send.
    const cors = path === SETTINGS_PATH ? settings : reading;
    const answer = async (asked: Asked): Promise<Response> => {
      const { request } = asked;
      const refusal = path === METRICS_PATH ? parts.senders.refuseReader(request.headers) : null;
      return finish(request, refusal === null ? await view(asked) : refuse(refusal.code), cors);
    };
    app.route("GET", path, answer).route("HEAD", path, answer);
    app.all(path, ({ request }) => answerOther(request, ALLOW_READS, cors), NOT_PARSED);
  }
  const { ingest, http } = parts.config;
  const guarded = guardRequests(app.fetch, {
    hostRule: createHostRule({ listensOn: ingest.host, names: http.hosts }),
    onProxied: refusesProxied(http) ? () => parts.log.warn({}, PROXIED_MESSAGE) : null,
    refuse: (request, code) => finish(request, refuse(code)),
  });
  return { fetch: guarded, fail };
}

/** A request and the parts of its path that its route names. */
interface Asked {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
}

type View = (asked: Asked) => Response | Promise<Response>;

/** What can be read, by path. */
function createViews(
  parts: ServerParts,
  flow: Flow,
  isStopping: () => boolean,
): ReadonlyMap<string, View> {
  const { metrics, broker, config, group } = parts;
  const openapi = describeApi(config.ingest, config.http.keysOn);
  const ownHealth = (): Health => {
    const { isReady, reason } = broker;
    return { isReady, reason, isStopping: isStopping(), keys: parts.keys?.health() ?? null };
  };
  // One of several processes answers for all of them.
  group?.tellWith(async () => {
    setGauges(parts, flow);
    return { health: ownHealth(), metrics: await metrics.snapshot() };
  });
  const health = async () => (await group?.ask())?.health ?? ownHealth();
  return new Map<string, View>([
    ["/health/live", () => Response.json({ status: "UP" })],
    ["/health/ready", async () => answerReady(await health())],
    ["/actuator/health", async () => answerActuator(await health())],
    [
      SETTINGS_PATH,
      ({ request, params }) => answerSettings(params["key"] ?? "", request, newRequestId()),
    ],
    ["/openapi.json", () => Response.json(openapi)],
    ...CLIENT_VIEWS.map(([path, view]) => [path, () => view()] as const),
    [
      METRICS_PATH,
      async () => {
        setGauges(parts, flow);
        const text = group === undefined ? await metrics.expose() : (await group.ask())?.metrics;
        // The counts of one process would look as if the service had restarted.
        if (text === undefined) return problemResponse({ code: "overloaded" }, newRequestId());
        return new Response(text, { headers: { "content-type": metrics.contentType } });
      },
    ],
  ]);
}

/** Sets the gauges when metrics are read: between two reads they cost nothing. */
function setGauges({ metrics, producer, broker }: ServerParts, flow: Flow): void {
  metrics.ingest_processes.set(1);
  metrics.ingest_in_flight_requests.set(flow.requestsInFlight);
  metrics.ingest_in_flight_records.set(producer.queuedRecords);
  const { count, storable } = broker.partitions;
  metrics.ingest_partitions_unavailable.set(count - storable);
  metrics.ingest_in_flight_bytes.set(producer.queuedBytes);
}
