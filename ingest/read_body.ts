/**
 * Step 1: reads the bytes of the request and counts them as they arrive. A body
 * that is too large, too slow or incomplete is refused here. Bytes of larger
 * bodies are reserved in a budget before they are kept.
 */
import type { Budget } from "./budget.ts";
import type { Deadline } from "./deadline.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** What bounds the reading. */
export interface ReadLimits {
  readonly bytesMax: number;
  readonly deadline: Deadline;
  /** Bytes of all bodies being read; the caller releases `reservedBytes`. */
  readonly budget: Budget;
}

/** The bytes of a whole body. */
export interface Body {
  readonly kind: "body";
  readonly bytes: Buffer;
}

/** A body, or why there is none, and how many bytes of the budget it has reserved. */
export type ReadOutcome = (Body | Refusal) & { readonly reservedBytes: number };

/**
 * A body whose stated length is up to this is read in one piece and never reserved. So the bytes
 * held are at most the budget plus this for each request in flight (`INGEST_REQUESTS_MAX`); the
 * same holds for the first read of a body that is read in pieces. // chosen
 */
const SMALL_BYTES_MAX = 16 * 1024;

/** Reads the whole body. Never throws; a client that hangs up gives `invalid_body`. */
export function readBody(request: Request, limits: ReadLimits): Promise<ReadOutcome> {
  const length = request.headers.get("content-length");
  // A stated length costs nothing: only bytes that have arrived are reserved.
  if (length === null) return readInPieces(request, limits);
  const bytes = Number(length);
  if (bytes > limits.bytesMax) return Promise.resolve(refused("body_too_large", 0));
  if (bytes > SMALL_BYTES_MAX) return readInPieces(request, limits);
  return readSmall(request, limits.deadline);
}

function readSmall(request: Request, deadline: Deadline): Promise<ReadOutcome> {
  return new Promise((resolve) => {
    deadline.onPassed(() => resolve(refused("body_too_slow", 0)));
    request.arrayBuffer().then(
      (bytes) => resolve({ kind: "body", bytes: Buffer.from(bytes), reservedBytes: 0 }),
      () => resolve(refused("invalid_body", 0)),
    );
  });
}

async function readInPieces(request: Request, limits: ReadLimits): Promise<ReadOutcome> {
  const { bytesMax, deadline, budget } = limits;
  const reader = request.body?.getReader();
  if (reader === undefined) return { kind: "body", bytes: Buffer.alloc(0), reservedBytes: 0 };
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const stop = (code: Refusal["code"]): ReadOutcome => {
    // The server drops the rest as it arrives; the answer need not wait for it.
    reader.cancel().catch(() => undefined);
    return refused(code, bytes);
  };
  for (;;) {
    const piece = await readPiece(reader, deadline);
    if (piece.kind === "refused") return stop(piece.code);
    if (piece.kind === "end") break;
    if (bytes + piece.bytes.length > bytesMax) return stop("body_too_large");
    if (!budget.reserve(piece.bytes.length)) return stop("overloaded");
    bytes += piece.bytes.length;
    pieces.push(piece.bytes);
  }
  return { kind: "body", bytes: Buffer.concat(pieces, bytes), reservedBytes: bytes };
}

type Piece = { readonly kind: "piece"; readonly bytes: Uint8Array } | { readonly kind: "end" };

function readPiece(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  deadline: Deadline,
): Promise<Piece | Refusal> {
  return new Promise((resolve) => {
    deadline.onPassed(() => resolve(refuse("body_too_slow")));
    reader.read().then(
      ({ value }) =>
        resolve(value === undefined ? { kind: "end" } : { kind: "piece", bytes: value }),
      () => resolve(refuse("invalid_body")),
    );
  });
}

function refused(code: Refusal["code"], reservedBytes: number): ReadOutcome {
  return { kind: "refused", code, reservedBytes };
}
