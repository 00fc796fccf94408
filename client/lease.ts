/**
 * Who owns the events in localStorage: each client of an origin writes under its own id, and renews
 * a lease while it has events. A client whose lease has ended is gone, and another adopts its
 * events. A race only sends an event twice: its id is one row.
 */
import type { WallClock } from "@tally/shared/clock";
import { parseJson } from "./answer.ts";
import type { KeptValues } from "./kept_values.ts";

/** Which client it is, and where it keeps its events. */
export interface Owner {
  readonly kept: KeptValues;
  /** First part of the keys of all clients that send to the same place. */
  readonly prefix: string;
  /** A new id, later in the order of texts than those of clients before. */
  readonly clientId: string;
  readonly wallNow: WallClock;
}

/** That a client lives. */
export interface Lease {
  /** @returns True when the lease had ended, so that others may have adopted events. */
  renew(): boolean;
  /** Ends it now. */
  release(): void;
}

/**
 * A client without a sign of life for this long is gone. Longer than the minute between two timers
 * of a hidden tab, plus the 30 s between two renewals.
 */
export const LEASE_MS = 120_000; // chosen
/** A lease is not written more often than this. */
const RENEWAL_MS = 15_000; // chosen

export function createLease({ kept, prefix, clientId, wallNow }: Owner): Lease {
  const key = prefix + clientId;
  /** 0 when there is none. */
  let renewedMs = 0;
  return {
    renew() {
      const ageMs = Math.abs(wallNow() - renewedMs);
      if (ageMs < RENEWAL_MS) return false;
      renewedMs = wallNow();
      kept.set(key, `${renewedMs}`);
      return ageMs >= LEASE_MS;
    },
    release() {
      kept.remove(key);
      renewedMs = 0;
    },
  };
}

/** What other clients have left. */
export interface Orphans {
  /** Key and JSON of each event, oldest first. */
  readonly events: readonly (readonly [key: string, json: string])[];
  /** Whether there are clients that live. */
  readonly othersLive: boolean;
}

/** Finds the events of clients that are gone; removes what is no event. */
export function findOrphans({ kept, prefix, clientId, wallNow }: Owner): Orphans {
  const events: [string, string][] = [];
  let othersLive = false;
  for (const key of [...kept.keys()].sort()) {
    const [owner = ""] = key.slice(prefix.length).split("|");
    if (!key.startsWith(prefix) || owner === clientId) continue;
    const json = String(kept.get(key));
    // Not alive either when the clock was set far back.
    const ageMs = Math.abs(wallNow() - Number(kept.get(prefix + owner)));
    if (ageMs < LEASE_MS) othersLive = true;
    else if (Object(parseJson(json)).eventId) events.push([key, json]);
    // A lease that has ended, or another script's text.
    else kept.remove(key);
  }
  return { events, othersLive };
}
