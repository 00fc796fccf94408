/** When the connection of a request ends with its answer. */

/** Bytes of a refused body that are read and dropped, so that its sender reads the answer. */
const DROPPED_BYTES_MAX = 64 * 1024 * 1024; // chosen
/** Requests whose body came in chunks and has been read to its end. */
const readChunked = new WeakSet<Request>();

/** Notes that the body of a request has been read to its end. */
export function noteBodyRead(request: Request): void {
  if (request.headers.get("transfer-encoding") !== null) readChunked.add(request);
}

/**
 * Whether the answer should end the connection. A body too large to be dropped is one reason. A
 * body in chunks that has been read is another: Bun takes a trailer after it for the next request,
 * and its 400 would reach the next user of the connection. While such a body still comes the
 * connection stays open, or its sender could not read why it was refused.
 */
export function endsConnection(request: Request): boolean {
  return (
    readChunked.has(request) || Number(request.headers.get("content-length")) > DROPPED_BYTES_MAX
  );
}
