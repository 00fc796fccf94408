/**
 * The quotas in one of several processes. The supervisor keeps the buckets; a process takes small
 * leases from them, so that most requests are decided without a question, and all processes
 * together stay within the quota. A process that dies loses at most its lease.
 */
import type { MonotonicClock } from "@tally/shared";
import {
  BURST_SECONDS,
  hasQuota,
  KeyQuota,
  NOTHING,
  perSecondOf,
  UNITS,
  type Amount,
  type Grant,
  type QuotaKey,
} from "./key_quota.ts";
import {
  KEYS_MAX,
  QuotaBook,
  TAKEN,
  type QuotaStop,
  type Quotas,
  type QuotaVerdict,
} from "./quotas.ts";

/** What the rate gives in this time is what all processes may hold as leases. */
const LEASE_SECONDS = 0.1; // chosen
/** After a refusal a process asks no more for this long; meanwhile the bucket fills. */
const PAUSE_MS_MIN = 10; // chosen
/** The same when the supervisor did not answer. */
const SILENCE_MS = 1000; // chosen

/** The buckets hold less by what processes may hold, so that the whole never exceeds the burst. */
const BOOK_SECONDS = BURST_SECONDS - LEASE_SECONDS;

/** What a process asks its supervisor for. */
export interface LeaseRequest {
  readonly key: QuotaKey;
  /** What one request needs beyond the lease. */
  readonly needed: Amount;
  /** The next lease, as far as the buckets hold it. */
  readonly extra: Amount;
}

/** Asks the supervisor; null when it does not answer in time. */
export type AskForLease = (request: LeaseRequest) => Promise<Grant | null>;

/** The supervisor's side: one bucket per key and unit for all processes. */
export class LeaseBook {
  readonly #book = new QuotaBook(BOOK_SECONDS);

  grant({ key, needed, extra }: LeaseRequest, nowMs: number): Grant {
    return this.#book.of(key, nowMs).take(needed, extra, nowMs);
  }
}

/** What this process knows of one key. */
interface Lease {
  readonly key: QuotaKey;
  /** Taken from the supervisor's buckets and not used yet. */
  held: Amount;
  /** The supervisor's buckets as of the last grant, filled since. */
  readonly mirror: KeyQuota;
  /** Why the last question was not granted; it holds for every request until a time. */
  stop: QuotaStop | null;
  stopEndMs: number;
  /** Requests that the lease is too small for are decided one after the other. */
  queue: Promise<unknown> | null;
}

export interface LeasedQuotasOptions {
  readonly ask: AskForLease;
  /** Number of processes that share the quotas. */
  readonly processes: number;
  readonly now: MonotonicClock;
}

/** The quotas of one of several processes. */
export class LeasedQuotas implements Quotas {
  readonly #options: LeasedQuotasOptions;
  readonly #leases = new Map<string, Lease>();

  constructor(options: LeasedQuotasOptions) {
    this.#options = options;
  }

  look(key: QuotaKey): QuotaStop | null {
    return hasQuota(key) ? this.#stopOf(this.#leaseOf(key)) : null;
  }

  take(key: QuotaKey, needed: Amount): QuotaVerdict | Promise<QuotaVerdict> {
    if (!hasQuota(key)) return TAKEN;
    const lease = this.#leaseOf(key);
    if (lease.queue === null) return this.#takeHeld(lease, needed) ?? this.#queue(lease, needed);
    return this.#queue(lease, needed);
  }

  levels(key: QuotaKey): Amount | null {
    if (!hasQuota(key)) return null;
    const { mirror, held } = this.#leaseOf(key);
    return sum(mirror.levels(this.#options.now()), held);
  }

  #leaseOf({ name, eventsPerSecond, bytesPerSecond }: QuotaKey): Lease {
    // Only what the supervisor needs: a key holds sets, which no message carries.
    const key = { name, eventsPerSecond, bytesPerSecond };
    const found = this.#leases.get(name);
    if (found !== undefined && found.mirror.isOf(key)) return found;
    // What they hold is lost, which is little.
    if (this.#leases.size >= KEYS_MAX) this.#leases.clear();
    const mirror = new KeyQuota(key, this.#options.now(), BOOK_SECONDS);
    const lease = { key, held: NOTHING, mirror, stop: null, stopEndMs: 0, queue: null };
    this.#leases.set(name, lease);
    return lease;
  }

  /** Decides without a question; null when the supervisor must be asked. */
  #takeHeld(lease: Lease, needed: Amount): QuotaVerdict | null {
    const stop = this.#stopOf(lease);
    if (stop !== null) return stop;
    const missing = missingOf(lease, needed);
    if (UNITS.some((unit) => missing[unit] > 0)) return null;
    lease.held = minus(lease.held, limited(lease.key, needed));
    return TAKEN;
  }

  async #queue(lease: Lease, needed: Amount): Promise<QuotaVerdict> {
    const before = lease.queue;
    const { promise, resolve } = Promise.withResolvers<void>();
    lease.queue = promise;
    await before;
    try {
      return this.#takeHeld(lease, needed) ?? (await this.#ask(lease, needed));
    } finally {
      if (lease.queue === promise) lease.queue = null;
      resolve();
    }
  }

  async #ask(lease: Lease, needed: Amount): Promise<QuotaVerdict> {
    const { ask, now } = this.#options;
    const { key } = lease;
    const grant = await ask({
      key,
      needed: missingOf(lease, needed),
      extra: this.#extraOf(lease, needed),
    });
    if (grant === null) return this.#stop(lease, { kind: "unknown" }, SILENCE_MS);
    lease.mirror.set(grant.levels, now());
    if (grant.kind === "granted") {
      lease.held = minus(sum(lease.held, grant.amount), limited(key, needed));
      return TAKEN;
    }
    const { kind, violated } = grant;
    const retryMs = Math.max(PAUSE_MS_MIN, grant.retryMs);
    return this.#stop(lease, { kind, violated, retryMs }, retryMs);
  }

  /** What fills the lease up, beyond what a request leaves of it. */
  #extraOf({ key, held }: Lease, needed: Amount): Amount {
    return eachUnit((unit) => {
      const share = ((perSecondOf(key, unit) ?? 0) * LEASE_SECONDS) / this.#options.processes;
      return Math.max(0, Math.floor(share) - Math.max(0, held[unit] - needed[unit]));
    });
  }

  #stop(lease: Lease, stop: QuotaStop, ms: number): QuotaStop {
    lease.stop = stop;
    lease.stopEndMs = this.#options.now() + ms;
    return stop;
  }

  #stopOf({ stop, stopEndMs }: Lease): QuotaStop | null {
    const retryMs = stopEndMs - this.#options.now();
    if (stop === null || retryMs <= 0) return null;
    return stop.kind === "unknown" ? stop : { ...stop, retryMs };
  }
}

/** What a request needs in the units that are limited. */
function limited(key: QuotaKey, needed: Amount): Amount {
  return eachUnit((unit) => (perSecondOf(key, unit) === null ? 0 : needed[unit]));
}

function missingOf({ key, held }: Lease, needed: Amount): Amount {
  const own = limited(key, needed);
  return eachUnit((unit) => Math.max(0, own[unit] - held[unit]));
}

function sum(left: Amount, right: Amount): Amount {
  return eachUnit((unit) => left[unit] + right[unit]);
}

function minus(left: Amount, right: Amount): Amount {
  return eachUnit((unit) => left[unit] - right[unit]);
}

function eachUnit(of: (unit: keyof Amount) => number): Amount {
  return { events: of("events"), bytes: of("bytes") };
}
