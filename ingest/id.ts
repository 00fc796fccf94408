/** Ids that ingest makes: for requests, and for events that have none. */

/** Namespace of the ids made from an idempotency key. Part of the contract: never change it. */
const IDEMPOTENCY_NAMESPACE = "0e5b1c2f-6d38-5a4e-9c77-41d0b8a9f3e6";

/** The id of a request, in its answer and in the logs. */
export function newRequestId(): string {
  return Bun.randomUUIDv7();
}

/**
 * Ids for the events of one request, by their index in it. With an idempotency key they are a
 * function of key and index, so that a repeated request makes the same ids.
 */
export function createEventIds(idempotencyKey: string | null): (index: number) => string {
  if (idempotencyKey === null) return newEventId;
  return (index) => Bun.randomUUIDv5(`${idempotencyKey}/${index}`, IDEMPOTENCY_NAMESPACE);
}

function newEventId(): string {
  return Bun.randomUUIDv7();
}
