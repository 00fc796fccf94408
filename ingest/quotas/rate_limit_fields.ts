/**
 * The header fields `RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers-11
 * has them: lists of structured fields (RFC 9651). Pure.
 */
import {
  BURST_SECONDS,
  perSecondOf,
  UNITS,
  type Amount,
  type QuotaKey,
  type Unit,
} from "./key_quota.ts";

/** The largest Integer of a structured field (RFC 9651, 3.3.1). */
const INTEGER_MAX = 999_999_999_999_999;

/**
 * The draft has units for requests and for bytes of content, and none for events. So the policy
 * "events" names no unit; its name is what says it.
 */
const UNIT_PARAMETERS: Readonly<Record<Unit, string>> = {
  events: "",
  bytes: ';qu="content-bytes"',
};

/** `RateLimit-Policy`: what a key may use. Empty for a key without a quota. */
export function rateLimitPolicy(key: QuotaKey): string {
  return items(key, (unit, perSecond) => {
    const quota = Math.min(INTEGER_MAX, perSecond * BURST_SECONDS);
    return `"${unit}";q=${quota}${UNIT_PARAMETERS[unit]};w=${BURST_SECONDS}`;
  });
}

/**
 * `RateLimit`: what is left of it.
 *
 * `t` is the time until more can be taken than now. The bucket fills steadily, so it is a second
 * unless a large request has overdrawn it. It is never later than `Retry-After`.
 *
 * @param levels What the buckets hold; negative when overdrawn.
 */
export function rateLimit(key: QuotaKey, levels: Amount): string {
  return items(key, (unit, perSecond) => {
    // Never more than the policy says: a level that was added up may be.
    const level = Math.min(levels[unit], perSecond * BURST_SECONDS);
    const remaining = Math.min(INTEGER_MAX, Math.max(0, Math.floor(level)));
    const missing = level > 0 ? remaining + 1 - level : -level;
    const seconds = Math.min(INTEGER_MAX, retryAfterSeconds((missing * 1000) / perSecond));
    return `"${unit}";r=${remaining};t=${seconds}`;
  });
}

/** The list of one item for each unit that is limited. */
function items(key: QuotaKey, item: (unit: Unit, perSecond: number) => string): string {
  let list = "";
  for (const unit of UNITS) {
    const perSecond = perSecondOf(key, unit);
    if (perSecond !== null) list += `${list === "" ? "" : ", "}${item(unit, perSecond)}`;
  }
  return list;
}

/** Seconds for `Retry-After` and `t`: whole, rounded up, at least 1. */
export function retryAfterSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
