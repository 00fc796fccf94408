/**
 * Step 1: reads the bytes of the request as they arrive. A body that is too large, too
 * slow or incomplete is refused here; body_reads.ts bounds what all of them hold.
 */
import { noteBodyRead } from "@tally/shared";
import type { BodyRead, BodyReads } from "./body_reads.ts";
import type { Deadline } from "./deadline.ts";
import { cutOff, refuse, type Refusal } from "./form/refusal.ts";

/** What bounds the reading. */
export interface ReadLimits {
  readonly bytesMax: number;
  readonly deadline: Deadline;
  /** All bodies that are being read. */
  readonly reads: BodyReads;
  /** The address that the request comes from. */
  readonly peer: () => string;
}

/** The bytes of a whole body. */
export interface Body {
  readonly kind: "body";
  readonly bytes: Buffer;
}

/**
 * A body whose stated length is up to this is read in one piece and never reserved. So the bytes
 * held are at most `INGEST_REQUEST_BYTES_MAX` plus this for each body being read
 * (`INGEST_REQUESTS_MAX`); the same holds for the first read of a body in pieces. // chosen
 */
const SMALL_BYTES_MAX = 16 * 1024;

/** Reads the whole body. Never throws; a client that hangs up gives `invalid_body`. */
export function readBody(request: Request, limits: ReadLimits): Promise<Body | Refusal> {
  const length = request.headers.get("content-length");
  // A stated length costs nothing: only bytes that have arrived are reserved.
  if (length === null) return readChunks(request, limits);
  // Two headers with the same length reach us as "2, 2".
  if (!/^\d+$/.test(length)) return Promise.resolve(cutOff("invalid_body"));
  const bytes = Number(length);
  if (bytes > limits.bytesMax) return Promise.resolve(refuse("body_too_large"));
  if (bytes > SMALL_BYTES_MAX) return readInPieces(request, limits);
  return readSmall(request, bytes, limits);
}

function readSmall(
  request: Request,
  bytesExpected: number,
  { deadline, reads, peer }: ReadLimits,
): Promise<Body | Refusal> {
  return new Promise((resolve) => {
    const onStopped = (code: Refusal["code"]) => resolve(cutOff(code));
    const read = reads.begin({ peer, bytesExpected, onStopped });
    if (read === null) return resolve(refuse("overloaded"));
    const finish = (outcome: Body | Refusal): void => {
      read.end();
      resolve(outcome);
    };
    deadline.onPassed(() => finish(cutOff("body_too_slow")));
    request.arrayBuffer().then(
      (bytes) => finish({ kind: "body", bytes: Buffer.from(bytes) }),
      () => finish(refuse("invalid_body")),
    );
  });
}

/**
 * Reads a body in chunks. Bun takes a trailer after it for a request, answers 400 and closes the
 * connection. It has done so one turn of the event loop later when the trailer came with the last
 * chunk, as trailers do: then nothing may be stored, because the client was refused.
 */
async function readChunks(request: Request, limits: ReadLimits): Promise<Body | Refusal> {
  const body = await readInPieces(request, limits);
  if (body.kind === "body") noteBodyRead(request);
  await new Promise((resolve) => setImmediate(resolve));
  return request.signal.aborted ? refuse("invalid_body") : body;
}

async function readInPieces(request: Request, limits: ReadLimits): Promise<Body | Refusal> {
  const { deadline, reads, peer } = limits;
  const reader = request.body?.getReader();
  if (reader === undefined) return { kind: "body", bytes: Buffer.alloc(0) };
  const stopped = Promise.withResolvers<Refusal>();
  const stop = (code: Refusal["code"]) => stopped.resolve(cutOff(code));
  const read = reads.begin({ peer, bytesExpected: 0, onStopped: stop });
  deadline.onPassed(() => stop("body_too_slow"));
  const outcome =
    read === null
      ? refuse("overloaded")
      : await Promise.race([readPieces(reader, read, limits.bytesMax), stopped.promise]);
  read?.end();
  // The server drops the rest as it arrives; the answer need not wait for it.
  if (outcome.kind === "refused") reader.cancel().catch(() => undefined);
  return outcome;
}

async function readPieces(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  read: BodyRead,
  bytesMax: number,
): Promise<Body | Refusal> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) return { kind: "body", bytes: Buffer.concat(pieces, bytes) };
      bytes += value.length;
      if (bytes > bytesMax) return refuse("body_too_large");
      if (!read.keep(value.length)) return refuse("overloaded");
      pieces.push(value);
    }
  } catch {
    // The client went away in the middle of its body.
    return refuse("invalid_body");
  }
}
