/** Ids that ingest makes: for requests, and for events that came without one. */

/** Namespace of the ids made from an idempotency key; chosen once, part of the contract. */
const IDEMPOTENCY_NAMESPACE = "0e5b1c2f-6d38-5a4e-9c77-41d0b8a9f3e6";

/** Names one request in its answer and in the log. */
export function newRequestId(): string {
  return Bun.randomUUIDv7();
}

/**
 * Ids for the events of one request, by their place in it. With an idempotency
 * key they are a function of key and place, so that a repeat makes the same.
 */
export function createEventIds(idempotencyKey: string | null): (index: number) => string {
  if (idempotencyKey === null) return newEventId;
  return (index) => Bun.randomUUIDv5(`${idempotencyKey}/${index}`, IDEMPOTENCY_NAMESPACE);
}

function newEventId(): string {
  return Bun.randomUUIDv7();
}
