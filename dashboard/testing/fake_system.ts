/**
 * Test support: the built page, a stream, a trace and an ingest that a test
 * drives. Ingest has a separate origin, so that CORS works as in real use.
 */
import { join } from "node:path";
import type { EventTrace, MetricsFrame } from "@tally/shared";

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
  /** The trace of any event, or 404 when null. */
  traceIs(trace: EventTrace | null): void;
  stop(): Promise<void>;
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
  let trace: EventTrace | null = null;
  const processor = Bun.serve({
    hostname,
    port: 0,
    idleTimeout: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      // As a proxy does: it passes on what is below its path, without the path.
      if (!pathname.startsWith(base)) return new Response("not below the path", { status: 404 });
      const path = `/${pathname.slice(base.length)}`;
      if (path === "/metrics/stream") return stream.answer();
      if (!path.startsWith("/events/")) return page(path, { dist, ingestUrl: ingest.url });
      return trace === null ? new Response(null, { status: 404 }) : Response.json(trace);
    },
  });
  return {
    url: `${processor.url.origin}${base}`,
    ingest,
    stream,
    traceIs: (next) => {
      trace = next;
    },
    stop: async () => {
      await Promise.all([processor.stop(true), ingest.stop()]);
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
      `event: metrics\nid: ${frame.ts}\ndata: ${JSON.stringify(frame)}\n\nevent: counts\ndata: {}\n\n`,
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
