/**
 * The events without an acknowledgement: in memory, in order and bounded, each with a copy in
 * localStorage under a key of its own.
 */
import { createLease, findOrphans, type Owner } from "./lease.ts";

export interface UnsentEvent {
  readonly json: string;
  /** Bytes of `json` in UTF-8. */
  readonly bytes: number;
  /** Its key in the storage; empty when only memory has it. */
  readonly key: string;
  /** Whether a request that has no answer yet carries it. */
  isSending?: boolean;
}

/** Bounds of what waits, and what is called when more comes. */
export interface UnsentLimits {
  readonly eventsMax: number;
  readonly bytesMax: number;
  /** Called with the JSON of the oldest event; those that a request carries stay. */
  readonly drop: (json: string, code: string) => void;
}

export interface UnsentEvents {
  /** Oldest first. */
  all(): readonly UnsentEvent[];
  count(): number;
  add(json: string): void;
  /** Forgets events that are stored by ingest, or never will be. */
  remove(gone: readonly UnsentEvent[]): void;
  /** Lets the others go before these. */
  moveToEnd(last: readonly UnsentEvent[]): void;
  /** Says that this client lives; leaves to others what they have adopted while it did not. */
  renew(): void;
  /** The page goes away, and others may adopt. */
  release(): void;
  /** Takes over the events of clients that are gone. @returns Whether other clients live. */
  adopt(): boolean;
}

/** Numbers from here on have ten digits, so that keys are in the order of their events. */
const FIRST_NUMBER = 1e9;

export function createUnsentEvents(owner: Owner, limits: UnsentLimits): UnsentEvents {
  const { kept, prefix, clientId } = owner;
  const lease = createLease(owner);
  let events: UnsentEvent[] = [];
  let bytes = 0;
  let next = FIRST_NUMBER;

  const hold = (held: UnsentEvent[]): void => {
    events = held;
    bytes = events.reduce((sum, event) => sum + event.bytes, 0);
    if (!events.length) lease.release();
  };
  const without = (gone: readonly UnsentEvent[]): UnsentEvent[] =>
    events.filter((event) => !gone.includes(event));
  const remove = (gone: readonly UnsentEvent[]): void => {
    for (const { key } of gone) kept.remove(key);
    hold(without(gone));
  };
  const renew = (): void => {
    if (!events.length || !lease.renew()) return;
    hold(events.filter(({ key }) => !key || kept.get(key) !== null));
  };
  /** @param oldKey Key under which another client has stored it. */
  const append = (json: string, oldKey = ""): void => {
    // Written before the old one is removed: a crash in between leaves two, never none.
    const ownKey = `${prefix}${clientId}|${next++}`;
    const isStored = kept.set(ownKey, json);
    if (isStored) kept.remove(oldKey);
    const key = isStored ? ownKey : oldKey;
    hold([...events, { json, key, bytes: new TextEncoder().encode(json).length }]);
  };
  /** Says that this client has events, and drops the oldest when there are too many. */
  const settle = (): void => {
    renew();
    while (events.length > limits.eventsMax || bytes > limits.bytesMax) {
      const oldest = events.find(({ isSending }) => !isSending);
      if (!oldest) break;
      remove([oldest]);
      limits.drop(oldest.json, "too_many_unsent");
    }
  };
  return {
    all: () => events,
    count: () => events.length,
    add(json) {
      append(json);
      settle();
    },
    remove,
    moveToEnd: (last) => hold([...without(last), ...last]),
    renew,
    release: lease.release,
    adopt() {
      const orphans = findOrphans(owner);
      for (const [key, json] of orphans.events) append(json, key);
      settle();
      return orphans.othersLive;
    },
  };
}
