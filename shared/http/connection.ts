/** When the connection of a request ends with its answer. */

/** Bytes of a refused body that are read and dropped, so that its sender reads the answer. */
const DROPPED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Whether the answer should end the connection. A body too large to be dropped is one reason. A
 * chunked body is another: Bun takes a trailer after it for the next request, and its 400 would
 * reach the next user of the connection.
 */
export function endsConnection({ headers }: Request): boolean {
  if (headers.get("transfer-encoding") !== null) return true;
  return Number(headers.get("content-length")) > DROPPED_BYTES_MAX;
}
