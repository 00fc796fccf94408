/** Ids that ingest makes: for requests, and for events that have none. */

/** The id of a request, in its answer and in the logs. */
export function newRequestId(): string {
  return Bun.randomUUIDv7();
}

/**
 * Ids for the events of one request, by their index in it. With an idempotency key they are a
 * function of sender, key and index, so that a repeated request makes the same ids.
 */
export function createEventIds(
  idempotencyKey: string | null,
  source: string | null,
): (index: number) => string {
  if (idempotencyKey === null) return newEventId;
  // The sender's name is before the line end, which no header can hold.
  const text = `${source ?? ""}\n${idempotencyKey}`;
  const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  return (index) => requestEventId(hash, index);
}

/** Hexadecimal digits of an index: 1,048,576 events, far above what a request may hold. */
const INDEX_DIGITS = 5;

/**
 * A UUIDv8 (RFC 9562): first the hash, so that the ids of a request lie together in an index, then
 * the event's index. Part of the contract: a change would make two rows of an event whose request
 * is repeated over an upgrade.
 */
function requestEventId(hash: string, index: number): string {
  const variant = (8 + (Number.parseInt(hash.slice(15, 16), 16) & 3)).toString(16);
  const last = hash.slice(19, 31 - INDEX_DIGITS) + index.toString(16).padStart(INDEX_DIGITS, "0");
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(12, 15)}-${variant}${hash.slice(16, 19)}-${last}`;
}

function newEventId(): string {
  return Bun.randomUUIDv7();
}
