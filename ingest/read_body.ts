/**
 * Step 1: the request's bytes, counted while they come. A body that is too
 * large, too slow or cut off ends here, and what it may hold of memory is
 * reserved before it is read.
 */
import type { RequestFault } from "./accept.ts";
import type { Budget } from "./budget.ts";
import type { Deadline } from "./deadline.ts";

/** What bounds the reading. */
export interface ReadLimits {
  readonly bytesMax: number;
  readonly deadline: Deadline;
  /** Bytes of all bodies being read; the caller gives `reserved` back. */
  readonly budget: Budget;
}

/** A body, or why there is none, and the bytes taken from the budget for it. */
export interface ReadOutcome {
  readonly body: Buffer | RequestFault;
  readonly reservedBytes: number;
}

/**
 * A body of a stated length up to this is read in one piece and never reserved: with it, and a body
 * read while it comes, the bytes held are at most this for each request in flight
 * (`INGEST_REQUESTS_MAX`), plus the budget. A connection's first read brings as much. Chosen.
 */
const SMALL_BYTES_MAX = 16 * 1024;

/** Reads the whole body. Never throws; a client that hangs up gives `invalid_body`. */
export async function readBody(request: Request, limits: ReadLimits): Promise<ReadOutcome> {
  const length = request.headers.get("content-length");
  // What a sender states costs nothing: only bytes that have come are reserved.
  if (length === null) return readWhileItComes(request, limits);
  const bytes = Number(length);
  if (bytes > limits.bytesMax) return { body: { code: "body_too_large" }, reservedBytes: 0 };
  if (bytes > SMALL_BYTES_MAX) return readWhileItComes(request, limits);
  return { body: await readSmall(request, limits.deadline), reservedBytes: 0 };
}

function readSmall(request: Request, deadline: Deadline): Promise<Buffer | RequestFault> {
  return new Promise((resolve) => {
    deadline.onPassed(() => resolve({ code: "body_too_slow" }));
    request.arrayBuffer().then(
      (bytes) => resolve(Buffer.from(bytes)),
      () => resolve({ code: "invalid_body" }),
    );
  });
}

async function readWhileItComes(request: Request, limits: ReadLimits): Promise<ReadOutcome> {
  const { bytesMax, deadline, budget } = limits;
  const reader = request.body?.getReader();
  if (reader === undefined) return { body: Buffer.alloc(0), reservedBytes: 0 };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stop = (fault: RequestFault): ReadOutcome => {
    // The rest is dropped by the server as it comes; the answer needn't wait for it.
    reader.cancel().catch(() => undefined);
    return { body: fault, reservedBytes: bytes };
  };
  for (;;) {
    const chunk = await readChunk(reader, deadline);
    if ("code" in chunk) return stop(chunk);
    if (chunk.value === undefined) break;
    if (bytes + chunk.value.length > bytesMax) return stop({ code: "body_too_large" });
    if (!budget.reserve(chunk.value.length)) return stop({ code: "overloaded" });
    bytes += chunk.value.length;
    chunks.push(chunk.value);
  }
  return { body: Buffer.concat(chunks, bytes), reservedBytes: bytes };
}

function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  deadline: Deadline,
): Promise<{ value: Uint8Array | undefined } | RequestFault> {
  return new Promise((resolve) => {
    deadline.onPassed(() => resolve({ code: "body_too_slow" }));
    reader.read().then(
      ({ value }) => resolve({ value }),
      () => resolve({ code: "invalid_body" }),
    );
  });
}
