/**
 * The bodies of requests and beacons. Both are `text/plain` with the key inside, so that a browser
 * asks no preflight and a beacon needs no headers.
 */

/** The part of an event that a body needs. */
export interface Sized {
  readonly json: string;
  /** Bytes of `json` in UTF-8. */
  readonly bytes: number;
}

/**
 * Browsers carry 64 KiB for a page that goes away, in a beacon or in a request with `keepalive`.
 * The key, its name and the brackets take less than 1 KiB of it.
 */
export const EVENTS_BYTES_MAX = 63 * 1024;

/** The body of some events. */
export function bodyOf(events: readonly Sized[], writeKey: string | undefined): string {
  const list = `[${events.map(({ json }) => json).join(",")}]`;
  return writeKey ? `{"writeKey":${JSON.stringify(writeKey)},"events":${list}}` : list;
}

/** The first events that fit into one body: at least one, even when it is too large. */
export function firstThatFit<Event extends Sized>(
  events: readonly Event[],
  eventsMax: number,
): readonly Event[] {
  let bytes = 0;
  return events.filter((event, at) => {
    bytes += event.bytes + 1;
    return at === 0 || (at < eventsMax && bytes <= EVENTS_BYTES_MAX);
  });
}
