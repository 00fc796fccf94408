/**
 * The quotas of all keys: whether the events of a request may be published, and what the answer
 * says of the quota. This file is for one process; leased_quotas.ts for one of several.
 */
import type { MonotonicClock } from "@tally/shared";
import {
  hasQuota,
  KeyQuota,
  NOTHING,
  type Amount,
  type Grant,
  type QuotaKey,
  type Unit,
} from "./key_quota.ts";

/** Why a request must wait. */
export interface QuotaRefusal {
  readonly kind: "refused";
  /** The units whose bucket is empty: the names of the violated policies. */
  readonly violated: readonly Unit[];
  /** Time until a request can be taken again. */
  readonly retryMs: number;
}

/** The process that keeps the buckets does not answer. */
export interface QuotaUnknown {
  readonly kind: "unknown";
}

/** Whether a request may go on. */
export type QuotaVerdict = { readonly kind: "taken" } | QuotaStop;
export type QuotaStop = QuotaRefusal | QuotaUnknown;

/** What the flow of a request asks. */
export interface Quotas {
  /** A look before the body is read: why no request of a key can be taken now, or null. */
  look(key: QuotaKey): QuotaStop | null;
  /** Takes what a request needs, or nothing. Decides at once when it can. */
  take(key: QuotaKey, needed: Amount): QuotaVerdict | Promise<QuotaVerdict>;
  /** What the buckets of a key hold now, for the header fields; null for a key without a quota. */
  levels(key: QuotaKey): Amount | null;
}

/** Something of each unit: what any request needs. */
export const SOMETHING: Amount = { events: 1, bytes: 1 };
export const TAKEN = { kind: "taken" } as const;

/** When more quotas than this are kept, some are forgotten. */
export const KEYS_MAX = 10_000; // chosen

/** The buckets of all keys, made when they are first used. */
export class QuotaBook {
  readonly #burstSeconds: number | undefined;
  readonly #quotas = new Map<string, KeyQuota>();

  /** @param burstSeconds How much each bucket holds; `BURST_SECONDS` when absent. */
  constructor(burstSeconds?: number) {
    this.#burstSeconds = burstSeconds;
  }

  /** The buckets of a key; new ones when its limits have changed. */
  of(key: QuotaKey, nowMs: number): KeyQuota {
    const found = this.#quotas.get(key.name);
    if (found !== undefined && found.isOf(key)) return found;
    if (this.#quotas.size >= KEYS_MAX) this.#forgetFull(nowMs);
    const quota = new KeyQuota(key, nowMs, this.#burstSeconds);
    this.#quotas.set(key.name, quota);
    return quota;
  }

  #forgetFull(nowMs: number): void {
    for (const [name, quota] of this.#quotas) if (quota.isFull(nowMs)) this.#quotas.delete(name);
  }
}

/** The quotas of a service that is one process. */
export class LocalQuotas implements Quotas {
  readonly #now: MonotonicClock;
  readonly #book = new QuotaBook();

  constructor(now: MonotonicClock) {
    this.#now = now;
  }

  look(key: QuotaKey): QuotaRefusal | null {
    if (!hasQuota(key)) return null;
    const nowMs = this.#now();
    const quota = this.#book.of(key, nowMs);
    const violated = quota.empty(SOMETHING, nowMs);
    if (violated.length === 0) return null;
    return { kind: "refused", violated, retryMs: quota.retryMs(violated, nowMs) };
  }

  take(key: QuotaKey, needed: Amount): QuotaVerdict {
    if (!hasQuota(key)) return TAKEN;
    const nowMs = this.#now();
    return verdictOf(this.#book.of(key, nowMs).take(needed, NOTHING, nowMs));
  }

  levels(key: QuotaKey): Amount | null {
    const nowMs = this.#now();
    return hasQuota(key) ? this.#book.of(key, nowMs).levels(nowMs) : null;
  }
}

function verdictOf(grant: Grant): QuotaVerdict {
  if (grant.kind === "granted") return TAKEN;
  const { kind, violated, retryMs } = grant;
  return { kind, violated, retryMs };
}
