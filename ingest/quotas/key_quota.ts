/**
 * The quota of one key: a bucket of events and a bucket of bytes, where the key has them. Pure: the
 * clock is a parameter.
 */
import { TokenBucket } from "./token_bucket.ts";

/** What a quota limits. The names are those of the policies in the header fields. */
export const UNITS = ["events", "bytes"] as const;
export type Unit = (typeof UNITS)[number];

/** An amount of each unit. */
export type Amount = Readonly<Record<Unit, number>>;

/** What quotas need of a key. A limit is null when the key has none. */
export interface QuotaKey {
  readonly name: string;
  readonly eventsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
}

/**
 * A bucket holds what its rate gives in this many seconds. Long enough for an SDK that sends its
 * queue at once, short enough that a day's silence is not followed by a flood. // chosen
 */
export const BURST_SECONDS = 10;

/** What a taking comes to. */
export type Grant =
  | {
      readonly kind: "granted";
      /** What is granted: what was needed, and of what was wanted beyond it as much as is there. */
      readonly amount: Amount;
      /** What the buckets hold afterwards. */
      readonly levels: Amount;
    }
  | {
      readonly kind: "refused";
      /** The units whose bucket is empty. */
      readonly violated: readonly Unit[];
      /** Time until a request can be taken again. */
      readonly retryMs: number;
      readonly levels: Amount;
    };

export const NOTHING: Amount = { events: 0, bytes: 0 };
const NONE: readonly Unit[] = [];

/** Whether a key has any quota. */
export function hasQuota(key: QuotaKey): boolean {
  return key.eventsPerSecond !== null || key.bytesPerSecond !== null;
}

/** The limit of a key in one unit, or null. */
export function perSecondOf(key: QuotaKey, unit: Unit): number | null {
  return unit === "events" ? key.eventsPerSecond : key.bytesPerSecond;
}

/** The buckets of one key. */
export class KeyQuota {
  readonly key: QuotaKey;
  readonly #buckets: readonly { readonly unit: Unit; readonly bucket: TokenBucket }[];

  /** @param burstSeconds Each bucket holds what its rate gives in this many seconds. */
  constructor(key: QuotaKey, nowMs: number, burstSeconds = BURST_SECONDS) {
    this.key = key;
    this.#buckets = UNITS.flatMap((unit) => {
      const perSecond = perSecondOf(key, unit);
      if (perSecond === null) return [];
      const limits = { perSecond, burst: perSecond * burstSeconds };
      return [{ unit, bucket: new TokenBucket(limits, nowMs) }];
    });
  }

  /** Whether the buckets are those of a key with these limits. */
  isOf({ eventsPerSecond, bytesPerSecond }: QuotaKey): boolean {
    return (
      this.key.eventsPerSecond === eventsPerSecond && this.key.bytesPerSecond === bytesPerSecond
    );
  }

  /**
   * Takes what a request needs while every bucket that it needs is not empty, else nothing.
   *
   * @param extra Wanted beyond it, as far as the buckets hold it.
   */
  take(needed: Amount, extra: Amount, nowMs: number): Grant {
    const violated = this.empty(needed, nowMs);
    if (violated.length > 0) return this.#refused(violated, nowMs);
    const amount = { ...NOTHING };
    for (const { unit, bucket } of this.#buckets) {
      const spare = Math.max(0, Math.floor(bucket.level(nowMs) - needed[unit]));
      amount[unit] = needed[unit] + Math.min(extra[unit], spare);
      bucket.take(amount[unit], nowMs);
    }
    return { kind: "granted", amount, levels: this.levels(nowMs) };
  }

  /** The units that a request needs and whose bucket is empty. */
  empty(needed: Amount, nowMs: number): readonly Unit[] {
    let units = NONE;
    for (const { unit, bucket } of this.#buckets) {
      if (needed[unit] > 0 && bucket.level(nowMs) <= 0) units = [...units, unit];
    }
    return units;
  }

  /** Time until none of these is empty. */
  retryMs(units: readonly Unit[], nowMs: number): number {
    const emptied = this.#buckets.filter(({ unit }) => units.includes(unit));
    return Math.max(0, ...emptied.map(({ bucket }) => bucket.msUntilAbove(0, nowMs)));
  }

  /** What the buckets hold; 0 of a unit without a limit. */
  levels(nowMs: number): Amount {
    const levels = { ...NOTHING };
    for (const { unit, bucket } of this.#buckets) levels[unit] = bucket.level(nowMs);
    return levels;
  }

  /** Corrects the levels to what another process knows of the same key. */
  set(levels: Amount, nowMs: number): void {
    for (const { unit, bucket } of this.#buckets) bucket.set(levels[unit], nowMs);
  }

  /** Whether every bucket is full: then it can be forgotten. */
  isFull(nowMs: number): boolean {
    return this.#buckets.every(({ bucket }) => bucket.level(nowMs) >= bucket.limits.burst);
  }

  #refused(violated: readonly Unit[], nowMs: number): Grant {
    const retryMs = this.retryMs(violated, nowMs);
    return { kind: "refused", violated, retryMs, levels: this.levels(nowMs) };
  }
}
