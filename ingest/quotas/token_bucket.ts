/**
 * A token bucket: fills at a steady rate up to its burst, and is taken from while it is not empty.
 * Pure: the clock is a parameter.
 */

/** How fast a bucket fills, and how much it holds. */
export interface BucketLimits {
  /** Tokens a second; more than 0. */
  readonly perSecond: number;
  /** Most tokens that it holds; more than 0. */
  readonly burst: number;
}

/**
 * Counts what may be taken. One taking may overdraw the bucket: a request that is larger than the
 * burst is possible, too, and what it takes beyond the level delays the next one. So within any
 * time at most the burst, what the rate gives meanwhile and one more request are taken.
 */
export class TokenBucket {
  readonly limits: BucketLimits;
  #level: number;
  #atMs: number;

  /** A bucket starts full. */
  constructor(limits: BucketLimits, nowMs: number) {
    this.limits = limits;
    this.#level = limits.burst;
    this.#atMs = nowMs;
  }

  /** What may be taken now; 0 or less when nothing may. */
  level(nowMs: number): number {
    // A monotonic clock never goes back; should one, nothing is given twice.
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    const { perSecond, burst } = this.limits;
    this.#level = Math.min(burst, this.#level + (elapsedMs * perSecond) / 1000);
    this.#atMs = Math.max(this.#atMs, nowMs);
    return this.#level;
  }

  /** Takes an amount without a look at the level. */
  take(amount: number, nowMs: number): void {
    this.#level = this.level(nowMs) - amount;
  }

  /** Corrects the level to what another process knows of the same bucket. */
  set(level: number, nowMs: number): void {
    this.#level = Math.min(this.limits.burst, level);
    this.#atMs = Math.max(this.#atMs, nowMs);
  }

  /** Time until more than this can be taken; 0 when it can now, infinite above the burst. */
  msUntilAbove(level: number, nowMs: number): number {
    const missing = level - this.level(nowMs);
    if (missing < 0) return 0;
    if (level >= this.limits.burst) return Number.POSITIVE_INFINITY;
    // The bucket must hold more than `level`: a time of 0 would say that it does already.
    return Math.max((missing * 1000) / this.limits.perSecond, MS_MIN);
  }
}

/** The shortest wait for a bucket that has exactly what is not enough. */
const MS_MIN = 0.001;
