/**
 * Reads HTTP/1.1 answers from the bytes of a connection, one after the other. It
 * knows only what the driver needs: the status, a body with a length or in chunks,
 * and whether the connection stays open.
 */

/** One complete answer. */
export interface HttpAnswer {
  readonly status: number;
  /** The body, as UTF-8 text. */
  readonly body: string;
  /** Whether the server closes the connection after it. */
  readonly closes: boolean;
  /** Whether it has a Retry-After. */
  readonly hasRetryAfter: boolean;
}

/** Reads the answers of one connection. */
export interface AnswerReader {
  /**
   * Takes the next bytes.
   *
   * @returns The answer when these bytes complete it, else null.
   * @throws {Error} When the bytes are not HTTP/1.1, or too many.
   */
  push(bytes: Buffer): HttpAnswer | null;
}

/** Largest answer: one verdict per event, 5,000 events, below 1 KiB each. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/** Makes a reader; an answer begins only after the one before it was returned. */
export function createAnswerReader(): AnswerReader {
  let held: Buffer | null = null;
  return {
    push(bytes) {
      const all = held === null ? bytes : Buffer.concat([held, bytes]);
      const read = readAnswer(all);
      held = read === null ? all : null;
      if (all.length > ANSWER_BYTES_MAX) {
        throw new Error(`Cannot read the answer: it has more than ${ANSWER_BYTES_MAX} bytes`);
      }
      return read;
    },
  };
}

const HEAD_END = Buffer.from("\r\n\r\n");

function readAnswer(bytes: Buffer): HttpAnswer | null {
  const headLength = bytes.indexOf(HEAD_END);
  if (headLength === -1) return null;
  const head = bytes.toString("latin1", 0, headLength);
  if (!head.startsWith("HTTP/1.1 ")) throw new Error("Cannot read the answer: it is not HTTP/1.1");
  const status = Number(head.slice(9, 12));
  const start = headLength + HEAD_END.length;
  const body = readBody(bytes, start, head);
  if (body === null) return null;
  return { status, body, closes: CLOSES.test(head), hasRetryAfter: RETRY_AFTER.test(head) };
}

const CLOSES = /\r\nconnection: *close/i;
const RETRY_AFTER = /\r\nretry-after: *\d/i;
const LENGTH = /\r\ncontent-length: *(\d{1,9})/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;

function readBody(bytes: Buffer, start: number, head: string): string | null {
  const length = LENGTH.exec(head)?.[1];
  if (length !== undefined) {
    const end = start + Number(length);
    return bytes.length < end ? null : bytes.toString("utf8", start, end);
  }
  if (CHUNKED.test(head)) return readChunks(bytes, start);
  if (head.startsWith("HTTP/1.1 204")) return "";
  throw new Error("Cannot read the answer: it has neither a length nor chunks");
}

/** A body in chunks: each follows its length in hexadecimal, and the last has length 0. */
function readChunks(bytes: Buffer, start: number): string | null {
  const chunks: Buffer[] = [];
  let at = start;
  while (true) {
    const lineEnd = bytes.indexOf("\r\n", at, "latin1");
    if (lineEnd === -1) return null;
    const length = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (!(length >= 0)) throw new Error("Cannot read the answer: a chunk has no length");
    const end = lineEnd + 2 + length;
    if (bytes.length < end + 2) return null;
    if (length === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
