/**
 * How much of rejected events is published as dead letters: a broken or hostile sender must not
 * fill the table of dead letters. One bucket for each key; without keys one for all senders.
 */
import type { MonotonicClock } from "@tally/shared";
import type { KnownKey } from "@tally/shared/keys";
import type { Refusal } from "./form/refusal.ts";
import type { RejectedEvent } from "./form/rejected_event.ts";
import { NOTHING } from "./quotas/key_quota.ts";
import { QuotaBook } from "./quotas/quotas.ts";

/** A bucket holds what its rate gives in this time: a sender that breaks is seen at once. */
const REJECTED_BURST_SECONDS = 60; // chosen
/** What the row of a dead letter takes besides the event: else tiny events would fill the table. */
const ROW_BYTES = 300; // estimated from its columns and its three indexes

export class RejectedQuota {
  readonly #book = new QuotaBook(REJECTED_BURST_SECONDS);
  readonly #bytesPerSecond: number;
  readonly #now: MonotonicClock;

  constructor(bytesPerSecond: number, now: MonotonicClock) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#now = now;
  }

  /**
   * Takes the bytes of the events and of their rows.
   *
   * @returns Why they may not be published, or null.
   */
  take(key: KnownKey | null, kept: readonly RejectedEvent[]): Refusal | null {
    const nowMs = this.#now();
    const limits = { eventsPerSecond: null, bytesPerSecond: this.#bytesPerSecond };
    const quota = this.#book.of({ name: key?.name ?? "", ...limits }, nowMs);
    const bytes = kept.reduce((sum, each) => sum + each.bytes + ROW_BYTES, 0);
    const grant = quota.take({ events: 0, bytes }, NOTHING, nowMs);
    if (grant.kind === "granted") return null;
    return { kind: "refused", code: "rejected_quota_exceeded", retryMs: grant.retryMs };
  }
}
