/**
 * Test support: the built page, a stream, a trace and an ingest that a test
 * drives. Ingest has an origin of its own, so that CORS is as real as in use.
 */
import { join } from "node:path";
import type { EventTrace, MetricsFrame } from "@tally/shared";

/** As strict as a server can be: one inline script or foreign resource fails a test. */
function contentSecurityPolicy(ingestUrl: string): string {
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ${ingestUrl}; base-uri 'none'; form-action 'self'`;
}

export interface FakeSystem {
  readonly url: string;
  readonly ingestUrl: string;
  /** Bodies that ingest received. */
  readonly received: unknown[];
  /** Streams opened so far. */
  streamsOpened(): number;
  /** Sends a frame to every open stream, and to each new one at once. */
  send(frame: MetricsFrame): void;
  /** Ends every stream; new ones are refused with 503 while `isRefusing`. */
  dropStreams(options: { isRefusing: boolean }): void;
  /** What ingest answers next. */
  answerWith(status: number, body: unknown): void;
  /** From now on ingest allows no page's origin. */
  refuseOrigins(): void;
  /** What the trace of any event says; null: 404. */
  traceIs(trace: EventTrace | null): void;
  stop(): Promise<void>;
}

/** Serves the folder of a built page on free ports of 127.0.0.1. */
export function startFakeSystem(dist: string): FakeSystem {
  const encoder = new TextEncoder();
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const received: unknown[] = [];
  let opened = 0;
  let isRefusing = false;
  let isOriginAllowed = true;
  let lastFrame: MetricsFrame | null = null;
  let trace: EventTrace | null = null;
  let answer = { status: 503, body: {} as unknown };

  const encodeFrame = (frame: MetricsFrame): Uint8Array =>
    encoder.encode(`event: metrics\nid: ${frame.ts}\ndata: ${JSON.stringify(frame)}\n\n`);

  const ingest = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const headers = {
        "access-control-allow-origin": isOriginAllowed ? (request.headers.get("origin") ?? "") : "",
        "access-control-allow-headers": "content-type",
        "access-control-allow-methods": "POST",
      };
      if (request.method === "OPTIONS") return new Response(null, { status: 204, headers });
      received.push(await request.json());
      return Response.json(answer.body, { status: answer.status, headers });
    },
  });
  const ingestUrl = `http://127.0.0.1:${ingest.port}`;

  const openStream = (): Response => {
    opened += 1;
    if (isRefusing) return new Response("busy", { status: 503 });
    let own: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
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
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };

  const page = async (path: string): Promise<Response> => {
    const file = Bun.file(join(dist, path === "/" ? "index.html" : path));
    if (!(await file.exists())) return new Response("not found", { status: 404 });
    const headers = { "content-security-policy": contentSecurityPolicy(ingestUrl) };
    if (path !== "/") return new Response(file, { headers });
    const told = `name="tally-ingest-url" content="${ingestUrl}"`;
    const html = (await file.text()).replace('name="tally-ingest-url" content=""', told);
    return new Response(html, { headers: { ...headers, "content-type": "text/html" } });
  };

  const processor = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: (request) => {
      const path = new URL(request.url).pathname;
      if (path === "/metrics/stream") return openStream();
      if (!path.startsWith("/events/")) return page(path);
      return trace === null ? new Response(null, { status: 404 }) : Response.json(trace);
    },
  });

  return {
    url: `http://127.0.0.1:${processor.port}/`,
    ingestUrl,
    received,
    streamsOpened: () => opened,
    send: (frame) => {
      lastFrame = frame;
      for (const stream of streams) stream.enqueue(encodeFrame(frame));
    },
    dropStreams: (options) => {
      isRefusing = options.isRefusing;
      for (const stream of streams) stream.close();
      streams.clear();
    },
    answerWith: (status, body) => {
      answer = { status, body };
    },
    refuseOrigins: () => {
      isOriginAllowed = false;
    },
    traceIs: (next) => {
      trace = next;
    },
    stop: async () => {
      await Promise.all([processor.stop(true), ingest.stop(true)]);
    },
  };
}
