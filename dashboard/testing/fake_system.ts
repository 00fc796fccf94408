/**
 * Test support: the built page, a stream, a trace and an ingest that a test
 * drives. Ingest has a separate origin, so that CORS works as in real use.
 */
import { join } from "node:path";
import type { EventTrace, MetricsFrame } from "@tally/shared";
import { EMPTY_HISTORY } from "@tally/shared/frame_history";
import { fakeAnswer, fakeCounts } from "./fake_answers.ts";

/** The fake ingest: what it received, and what it answers. */
export interface FakeIngest {
  readonly url: string;
  /** Bodies received so far. */
  readonly received: unknown[];
  /** What it answers from now on. */
  answerWith(status: number, body: unknown): void;
  /** From now on it allows no page's origin. */
  refuseOrigins(): void;
  stop(): Promise<void>;
}

/** The fake stream: how often it was opened, and what it sends. */
export interface FakeStream {
  /** Streams opened so far. */
  opened(): number;
  /** Streams that are open. */
  open(): number;
  /** Sends a frame to every open stream, and to each new one at once. */
  send(frame: MetricsFrame): void;
  /** Ends every stream; new ones are refused with 503 while `isRefusing`. */
  drop(options: { isRefusing: boolean }): void;
  /** Answers a request for the stream. */
  answer(): Response;
}

export interface FakeSystem {
  readonly url: string;
  readonly ingest: FakeIngest;
  readonly stream: FakeStream;
  readonly keys: FakeKeys;
  /** The trace of any event, or 404 when null. */
  traceIs(trace: EventTrace | null): void;
  /** The rows that are listed, newest first. */
  eventsAre(rows: readonly object[]): void;
  /** Ends the streams, and answers every request with 503, until it is called with false. */
  goAway(isAway: boolean): void;
  stop(): Promise<void>;
}

/** The fake keys: whether one is asked for. */
export interface FakeKeys {
  /** From now on this key signs in, and nothing is shown without a session. */
  demand(key: string): void;
  /** Ends every session, as revoking its key does. */
  revoke(): void;
}

/** Where the fake system is. */
export interface FakeSystemOptions {
  /** Address to listen on; 127.0.0.1 when absent. */
  readonly hostname?: string;
  /** Path below which a proxy serves the page, with a slash at both ends; "/" when absent. */
  readonly path?: string;
}

/** Serves the folder of a built page on free ports of this machine. */
export function startFakeSystem(
  dist: string,
  { hostname = "127.0.0.1", path: base = "/" }: FakeSystemOptions = {},
): FakeSystem {
  const ingest = startFakeIngest(hostname);
  const stream = createFakeStream();
  const keys = createFakeKeys();
  let trace: EventTrace | null = null;
  let events: readonly object[] = [];
  let isAway = false;
  const processor = Bun.serve({
    hostname,
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      if (isAway) return new Response("away", { status: 503 });
      const { pathname } = new URL(request.url);
      // As a proxy does: it passes on what is below its path, without the path.
      if (!pathname.startsWith(base)) return new Response("not below the path", { status: 404 });
      const path = `/${pathname.slice(base.length)}`;
      if (path === "/api/session") return keys.answer(request);
      const isData = /^\/(?:metrics|events|api\/v2)(?:\/|$)/.test(path);
      if (isData && !keys.allows(request)) return problem(401, "key_missing");
      if (path === "/metrics/stream") return stream.answer();
      if (path === "/metrics/history") return Response.json(EMPTY_HISTORY);
      if (path === "/events") return Response.json({ events, next: null });
      if (path === "/api/v2/query") {
        return Response.json(
          fakeAnswer((await request.json()) as Parameters<typeof fakeAnswer>[0]),
        );
      }
      if (!path.startsWith("/events/")) return page(path, { dist, ingestUrl: ingest.url });
      return trace === null ? new Response(null, { status: 404 }) : Response.json(trace);
    },
  });
  return {
    url: `${processor.url.origin}${base}`,
    ingest,
    stream,
    keys,
    traceIs: (next) => {
      trace = next;
    },
    eventsAre: (rows) => {
      events = rows;
    },
    goAway: (next) => {
      isAway = next;
      if (next) stream.drop({ isRefusing: false });
    },
    stop: async () => {
      await Promise.all([processor.stop(true), ingest.stop()]);
    },
  };
}

function problem(status: number, code: string): Response {
  return Response.json({ code, title: `Refused: ${code}` }, { status });
}

/** With keys off everybody may do everything. */
const KEYS_OFF = { keysOn: false, name: null, scopes: ["read", "operate"], expiresAt: null };
const NOBODY = { keysOn: true, name: null, scopes: [], expiresAt: null };
const SIGNED_IN = {
  ...NOBODY,
  name: "ops",
  scopes: ["read", "operate"],
  expiresAt: "2026-01-31T19:00:00.000Z",
};

function createFakeKeys() {
  let key: string | null = null;
  let session = 0;
  const allows = ({ headers }: Request): boolean =>
    key === null || (headers.get("cookie") ?? "").includes(`fake_session=${session}`);
  return {
    allows,
    demand(wanted: string) {
      key = wanted;
    },
    revoke() {
      session += 1;
    },
    async answer(request: Request): Promise<Response> {
      if (request.method === "GET") {
        return Response.json(key === null ? KEYS_OFF : allows(request) ? SIGNED_IN : NOBODY);
      }
      const sent = (await request.json()) as { key?: string; path: string };
      if (request.method === "DELETE") session += 1;
      else if (sent.key !== key) return problem(401, "key_unknown");
      const text = request.method === "POST" ? session : "none";
      const cookie = `fake_session=${text}; Path=${sent.path}; HttpOnly; SameSite=Strict`;
      const headers = { "set-cookie": cookie };
      return Response.json(request.method === "POST" ? SIGNED_IN : NOBODY, { headers });
    },
  };
}

async function page(
  path: string,
  options: { readonly dist: string; readonly ingestUrl: string },
): Promise<Response> {
  const file = Bun.file(join(options.dist, path === "/" ? "index.html" : path));
  if (!(await file.exists())) return new Response("not found", { status: 404 });
  const headers = { "content-security-policy": contentSecurityPolicy(options.ingestUrl) };
  if (path !== "/") return new Response(file, { headers });
  const configured = `name="tally-ingest-url" content="${options.ingestUrl}"`;
  const html = (await file.text()).replace('name="tally-ingest-url" content=""', configured);
  return new Response(html, { headers: { ...headers, "content-type": "text/html" } });
}

/** As strict as a server can be: one inline script or foreign resource fails a test. */
function contentSecurityPolicy(ingestUrl: string): string {
  // A policy can't name an IPv6 address.
  const ingest = ingestUrl.replace(/\[.*\]/, "*");
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${ingest}; base-uri 'none'; form-action 'self'`;
}

function createFakeStream(): FakeStream {
  const encoder = new TextEncoder();
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  let opened = 0;
  let isRefusing = false;
  let lastFrame: MetricsFrame | null = null;
  const encodeFrame = (frame: MetricsFrame): Uint8Array =>
    encoder.encode(
      `event: metrics\nid: ${frame.ts}\ndata: ${JSON.stringify(frame)}\n\nevent: counts\ndata: ${JSON.stringify(fakeCounts(frame.ts))}\n\n`,
    );
  const createBody = (): ReadableStream<Uint8Array> => {
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        streams.add(controller);
        controller.enqueue(encoder.encode("retry: 1000\n\n"));
        if (lastFrame !== null) controller.enqueue(encodeFrame(lastFrame));
      },
      cancel: () => {
        if (own !== undefined) streams.delete(own);
      },
    });
  };
  return {
    opened: () => opened,
    open: () => streams.size,
    send: (frame) => {
      lastFrame = frame;
      for (const stream of streams) stream.enqueue(encodeFrame(frame));
    },
    drop: (options) => {
      isRefusing = options.isRefusing;
      for (const stream of streams) stream.close();
      streams.clear();
    },
    answer: () => {
      opened += 1;
      if (isRefusing) return new Response("busy", { status: 503 });
      return new Response(createBody(), { headers: { "content-type": "text/event-stream" } });
    },
  };
}

function startFakeIngest(hostname: string): FakeIngest {
  const received: unknown[] = [];
  let isOriginAllowed = true;
  let next = { status: 503, body: {} as unknown };
  const server = Bun.serve({
    hostname,
    port: 0,
    fetch: async (request) => {
      const headers = {
        "access-control-allow-origin": isOriginAllowed ? (request.headers.get("origin") ?? "") : "",
        "access-control-allow-headers": "content-type",
        "access-control-allow-methods": "POST",
      };
      if (request.method === "OPTIONS") return new Response(null, { status: 204, headers });
      received.push(await request.json());
      return Response.json(next.body, { status: next.status, headers });
    },
  });
  return {
    url: server.url.origin,
    received,
    answerWith: (status, body) => {
      next = { status, body };
    },
    refuseOrigins: () => {
      isOriginAllowed = false;
    },
    stop: () => server.stop(true),
  };
}
