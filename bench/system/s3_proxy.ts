/**
 * An HTTP proxy in front of the real S3 server: passes requests on as they are,
 * signatures included, answers some by itself, and can do something at each step
 * of an upload.
 */
import {
  createServer,
  request as openRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

/** What happens to requests from now on. */
export type S3Mode =
  | { readonly kind: "pass" }
  /** Answered with this status, without the store. */
  | { readonly kind: "answer"; readonly status: 500 | 503; readonly code: string }
  /** The connection is reset, before anything or in the middle of the body. */
  | { readonly kind: "reset" }
  /** Passed on this much later. */
  | { readonly kind: "slow"; readonly delayMs: number };

/** Steps of an upload at which `onStep` is called. */
export type UploadStep = "before" | "during" | "after";

/**
 * Called at each step of each upload.
 *
 * @returns False: the request ends here, without an answer.
 */
export type OnStep = (step: UploadStep) => boolean;

export interface S3Proxy {
  readonly url: string;
  /** Requests that were not simply passed on. */
  readonly interventions: number;
  set(mode: S3Mode): void;
  /** Null: nobody is told. */
  onStep(onStep: OnStep | null): void;
  stop(): Promise<void>;
}

export interface S3ProxyOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Address of the store. */
  readonly target: string;
}

/** Listens, and passes everything until it is told otherwise. */
export async function startS3Proxy(options: S3ProxyOptions): Promise<S3Proxy> {
  const state: State = { mode: { kind: "pass" }, onStep: null, interventions: 0 };
  const server = createServer((request, response) => {
    handle(request, response, { state, target: new URL(options.target) }).catch(() =>
      // The store is away, or the client is gone: whoever waits sees a broken connection.
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
  const goesOn = (step: UploadStep) => !isUpload || (state.onStep?.(step) ?? true);
  if (!goesOn("before")) return;
  if (!goesOn("during")) {
    await passHalf(request, body, target);
    return;
  }
  const upstream = await passOn(request, body, target);
  if (!goesOn("after")) return;
  response.writeHead(upstream.status, upstream.headers);
  response.end(upstream.body);
}

/** An S3 error document, as the SDK reads it. */
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

/** A body is one archive object, in memory at both ends anyway. */
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
    // The signature covers Host: it stays what the client has signed.
    headers: { ...request.headers, connection: "close" },
    agent: false,
  });
}

function passOn(request: IncomingMessage, body: Buffer, target: URL): Promise<StoreAnswer> {
  return new Promise((resolve, reject) => {
    const upstream = toStore(request, target);
    upstream.once("error", reject);
    upstream.once("response", (response: IncomingMessage) => {
      readBody(response).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 502,
            headers: passedHeaders(response),
            body: bytes,
          }),
        reject,
      );
    });
    upstream.end(body);
  });
}

/** The store gets half of the body, then a broken connection: an upload that never ended. */
async function passHalf(request: IncomingMessage, body: Buffer, target: URL): Promise<void> {
  const upstream = toStore(request, target);
  const ended = new Promise<void>((resolve) => {
    upstream.once("close", () => resolve());
    upstream.once("error", () => resolve());
  });
  upstream.write(body.subarray(0, Math.floor(body.length / 2)));
  await Bun.sleep(HALF_MS);
  upstream.destroy();
  await Promise.race([ended, Bun.sleep(HALF_MS)]);
}

// Long enough for the store to have begun to write; chosen.
const HALF_MS = 100;

/** Headers of one connection stay on that connection. */
function passedHeaders({ headers }: IncomingMessage): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_CONNECTION.has(name)) continue;
    passed[name] = value;
  }
  return passed;
}

const OF_CONNECTION: ReadonlySet<string> = new Set(["connection", "transfer-encoding"]);
