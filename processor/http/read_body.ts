/** Reads the small bodies of the routes that change something, with a bound on bytes and time. */
import { noteBodyRead, readText, withinTime, type Problem } from "@tally/shared";

/** The text of a body, "" when there is none, or why it can't be read. */
export type ReadBody = { readonly kind: "text"; readonly text: string } | Refused;

interface Refused {
  readonly kind: "refused";
  readonly problem: Problem;
}

/** Bounds of one body. */
export interface BodyLimits {
  readonly bytesMax?: number;
  readonly waitMsMax?: number;
}

/** No body of a route is larger, unless the route says so. // chosen */
const BODY_BYTES_MAX = 16 * 1024;
/** A body this small needs no longer. // chosen */
const BODY_MS_MAX = 5000;

/** Reads a body, without its byte order mark; never throws. */
export async function readBody(
  request: Request,
  { bytesMax = BODY_BYTES_MAX, waitMsMax = BODY_MS_MAX }: BodyLimits = {},
): Promise<ReadBody> {
  const length = request.headers.get("content-length") ?? "0";
  // Two headers with one length reach us as "2, 2".
  if (!/^\d+$/.test(length)) return refused("invalid_body");
  if (Number(length) > bytesMax) return refused("body_too_large");
  const reader = request.body?.getReader();
  if (reader === undefined) return { kind: "text", text: "" };
  const read = await withinTime(readAll(reader, bytesMax), waitMsMax);
  if (Buffer.isBuffer(read)) {
    noteBodyRead(request);
    const text = readText(read);
    return text === null ? refused("invalid_body") : { kind: "text", text };
  }
  // The server drops the rest as it arrives.
  reader.cancel().catch(() => undefined);
  return read ?? refused("body_too_slow");
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytesMax: number,
): Promise<Buffer | Refused> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) break;
      bytes += value.length;
      if (bytes > bytesMax) return refused("body_too_large");
      pieces.push(value);
    }
  } catch {
    // The client went away in the middle of its body.
    return refused("invalid_body");
  }
  return Buffer.concat(pieces);
}

function refused(code: Problem["code"]): Refused {
  return { kind: "refused", problem: { code } };
}
