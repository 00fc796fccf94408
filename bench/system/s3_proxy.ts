/**
 * An HTTP proxy in front of the real S3 server. It forwards requests unchanged,
 * signatures included, can answer them itself, and calls a function at each step of
 * an upload.
 */
import {
  createServer,
  request as openRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { withinTime } from "@tally/shared";

/** What the proxy does with the next requests. */
export type S3Mode =
  | { readonly kind: "pass" }
  /** The proxy answers with this status; the store gets nothing. */
  | { readonly kind: "answer"; readonly status: 500 | 503; readonly code: string }
  /** The connection is reset. */
  | { readonly kind: "reset" }
  /** Requests are forwarded after this delay. */
  | { readonly kind: "slow"; readonly delayMs: number };

/** Steps of an upload at which `onStep` is called. */
export type UploadStep = "before" | "during" | "after";

/**
 * Called at each step of each upload.
 *
 * @returns False to end the request without an answer.
 */
export type OnStep = (step: UploadStep) => boolean;

export interface S3Proxy {
  readonly url: string;
  /** Number of requests that were not simply forwarded. */
  readonly interventions: number;
  set(mode: S3Mode): void;
  /** Sets the function that is called at each step; null for none. */
  onStep(onStep: OnStep | null): void;
  stop(): Promise<void>;
}

export interface S3ProxyOptions {
  readonly host: string;
  /** The port to listen on; 0 for a free one. */
  readonly port: number;
  /** Address of the store. */
  readonly target: string;
}

/** Starts to listen; forwards everything until `set()`. */
export async function startS3Proxy(options: S3ProxyOptions): Promise<S3Proxy> {
  const state: State = { mode: { kind: "pass" }, onStep: null, interventions: 0 };
  const server = createServer((request, response) => {
    handle(request, response, { state, target: new URL(options.target) }).catch(() =>
      // The store is down or the client has left: the client gets a broken connection.
      request.socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return {
    url: `http://${options.host}:${port}`,
    get interventions() {
      return state.interventions;
    },
    set(mode) {
      state.mode = mode;
    },
    onStep(onStep) {
      state.onStep = onStep;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

interface State {
  mode: S3Mode;
  onStep: OnStep | null;
  interventions: number;
}

interface Way {
  readonly state: State;
  readonly target: URL;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { state, target }: Way,
): Promise<void> {
  const { mode } = state;
  const body = await readBody(request);
  if (mode.kind !== "pass") state.interventions += 1;
  if (mode.kind === "reset") {
    request.socket.resetAndDestroy();
    return;
  }
  if (mode.kind === "answer") {
    answer(response, mode);
    return;
  }
  if (mode.kind === "slow") await Bun.sleep(mode.delayMs);
  const isUpload = request.method === "PUT";
  const mayContinue = (step: UploadStep) => !isUpload || (state.onStep?.(step) ?? true);
  if (!mayContinue("before")) return;
  if (!mayContinue("during")) {
    await forwardHalf(request, body, target);
    return;
  }
  const upstream = await forward(request, body, target);
  if (!mayContinue("after")) return;
  response.writeHead(upstream.status, upstream.headers);
  response.end(upstream.body);
}

/** Answers with an S3 error document, which the SDK understands. */
function answer(
  response: ServerResponse,
  { status, code }: { readonly status: number; readonly code: string },
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>injected</Message></Error>`;
  response.writeHead(status, {
    "Content-Type": "application/xml",
    "Content-Length": String(body.length),
  });
  response.end(body);
}

/** Reads a body into memory: it is one archive object, which both ends hold in memory anyway. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

interface StoreAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}

function toStore(request: IncomingMessage, target: URL) {
  return openRequest({
    host: target.hostname,
    port: target.port,
    method: request.method,
    path: request.url,
    // The signature covers Host, so it stays as the client has signed it.
    headers: { ...request.headers, connection: "close" },
    agent: false,
  });
}

function forward(request: IncomingMessage, body: Buffer, target: URL): Promise<StoreAnswer> {
  return new Promise((resolve, reject) => {
    const upstream = toStore(request, target);
    upstream.once("error", reject);
    upstream.once("response", (response: IncomingMessage) => {
      readBody(response).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 502,
            headers: forwardedHeaders(response),
            body: bytes,
          }),
        reject,
      );
    });
    upstream.end(body);
  });
}

/** Sends half of the body and breaks the connection: an upload that never ends. */
async function forwardHalf(request: IncomingMessage, body: Buffer, target: URL): Promise<void> {
  const upstream = toStore(request, target);
  const ended = new Promise<void>((resolve) => {
    upstream.once("close", () => resolve());
    upstream.once("error", () => resolve());
  });
  upstream.write(body.subarray(0, Math.floor(body.length / 2)));
  await Bun.sleep(HALF_MS);
  upstream.destroy();
  await withinTime(ended, HALF_MS);
}

// Long enough for the store to begin to write; chosen.
const HALF_MS = 100;

/** The headers to forward: all but those of a single connection. */
function forwardedHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_CONNECTION.has(name)) continue;
    forwarded[name] = value;
  }
  return forwarded;
}

const OF_CONNECTION: ReadonlySet<string> = new Set(["connection", "transfer-encoding"]);
