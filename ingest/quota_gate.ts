/** The quota of a request's key, as the flow asks for it and as answers tell it. */
import type { KnownKey } from "@tally/shared/keys";
import { refuse, type Refusal } from "./form/refusal.ts";
import type { Verdicts } from "./form/verdicts.ts";
import type { QuotaStop, Quotas, QuotaVerdict } from "./quotas/quotas.ts";
import { rateLimit, rateLimitPolicy } from "./quotas/rate_limit_fields.ts";

/** Lets the requests of a key pass while its quota lasts. The key is null when keys are off. */
export class QuotaGate {
  readonly #quotas: Quotas;
  /** By key: they never change. */
  readonly #policies = new WeakMap<KnownKey, string>();

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
  }

  /** Why no request of a key can be taken now, before anything of it is read; else null. */
  look(key: KnownKey | null): Refusal | null {
    const stop = key === null ? null : this.#quotas.look(key);
    return stop === null ? null : refusalOf(stop);
  }

  /**
   * Takes what a request needs: all its events, since all were judged, and its bytes, decompressed
   * and with every copy that a form makes of a part for several events.
   *
   * @returns Why nothing of the request may be published, or null; at once when it can be decided.
   */
  take(
    key: KnownKey,
    { events, rejections, copiedBytes = 0 }: Verdicts,
    bodyBytes: number,
  ): Refusal | null | Promise<Refusal | null> {
    const needed = { events: events.length + rejections.length, bytes: bodyBytes + copiedBytes };
    const verdict = this.#quotas.take(key, needed);
    return verdict instanceof Promise ? verdict.then(stopOf) : stopOf(verdict);
  }

  /**
   * Takes the bytes of a body that is refused for what is in it: else a sender that repeats a
   * broken body, which is read and parsed each time, would never be held up.
   *
   * @returns Why the quota refuses it, or null.
   */
  async takeBytes(key: KnownKey | null, bytes: number): Promise<Refusal | null> {
    return key === null ? null : stopOf(await this.#quotas.take(key, { events: 0, bytes }));
  }

  /** Adds to an answer what is left of the quota. */
  tell(key: KnownKey | null, { headers }: Response): void {
    const levels = key === null ? null : this.#quotas.levels(key);
    if (key === null || levels === null) return;
    headers.set("ratelimit-policy", this.#policyOf(key));
    headers.set("ratelimit", rateLimit(key, levels));
  }

  #policyOf(key: KnownKey): string {
    const known = this.#policies.get(key);
    if (known !== undefined) return known;
    const policy = rateLimitPolicy(key);
    this.#policies.set(key, policy);
    return policy;
  }
}

function stopOf(verdict: QuotaVerdict): Refusal | null {
  return verdict.kind === "taken" ? null : refusalOf(verdict);
}

function refusalOf(stop: QuotaStop): Refusal {
  // The process that keeps the quota does not answer: that is no fault of the sender.
  if (stop.kind === "unknown") return refuse("overloaded");
  const { violated, retryMs } = stop;
  return { kind: "refused", code: "quota_exceeded", violatedPolicies: violated, retryMs };
}
