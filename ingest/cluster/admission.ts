/**
 * Admits the records of a request when their partitions have room, after a short wait
 * if need be: on a fast link a burst passes within milliseconds, on a slow one most
 * requests are refused early, so that those which are admitted arrive in time.
 */
import type { Delivery } from "@tally/shared/kafka";
import type { PipelineError } from "@tally/shared";
import { Drain } from "./drain.ts";
import type { AdmissionVerdict, Parcel, PartitionStates } from "./partition_states.ts";

export interface AdmissionOptions {
  readonly partitions: PartitionStates;
  /** Most bytes of requests that wait. */
  readonly waitingBytesMax: number;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/**
 * Longest wait for room. At the start windows are small and the client still connects: the first
 * burst of a busy machine must wait then, and not be refused. A sender that gets a 503 after that
 * tries again a second later.
 */
export const WAIT_MS_MAX = 1500; // chosen
/** When a request has waited this long, new ones are refused before their body is read. */
const WAIT_MS_SLOW = 750; // chosen
/**
 * When what waits for Kafka will take this long, new requests are refused: an answer is wanted
 * within a second. Little is always let in: the rate of a link that is hardly used says nothing.
 */
const DRAIN_MS_MAX = 500; // chosen
const DRAIN_BYTES_MIN = 1024 * 1024; // chosen
/** After this many requests without room the rest is not looked at. */
const LOOKS_MAX = 32; // chosen

interface Waiter {
  readonly parcels: readonly Parcel[];
  readonly bytes: number;
  readonly sinceMs: number;
  readonly decide: (verdict: AdmissionVerdict) => void;
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #waiters = new Set<Waiter>();
  #waitingBytes = 0;
  /** What was admitted and has no report yet. */
  readonly #drain = new Drain();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Whether requests have waited for so long that another one would wait in vain. */
  get isSlow(): boolean {
    const [oldest] = this.#waiters;
    const nowMs = this.#options.now();
    if (oldest !== undefined && nowMs - oldest.sinceMs >= WAIT_MS_SLOW) return true;
    if (this.#drain.waiting < DRAIN_BYTES_MIN) return false;
    return (this.#drain.msLeft(nowMs) ?? 0) > DRAIN_MS_MAX;
  }

  /** How long what was admitted will take to be stored, or null when that is not known. */
  get msLeft(): number | null {
    return this.#drain.msLeft(this.#options.now());
  }

  /** Decides at once, or after a wait of up to `WAIT_MS_MAX`. */
  admit(parcels: readonly Parcel[]): AdmissionVerdict | Promise<AdmissionVerdict> {
    const verdict = this.#tryAll(parcels);
    if (verdict !== "full") return verdict;
    let bytes = 0;
    for (const parcel of parcels) bytes += parcel.bytes;
    if (this.#waitingBytes + bytes > this.#options.waitingBytesMax) return "full";
    return this.#wait(parcels, bytes);
  }

  /** Takes the report of one record of an admitted parcel. */
  settle(parcel: Parcel, outcome: Delivery | PipelineError): void {
    const { partitions, now } = this.#options;
    const nowMs = now();
    const isLast = partitions.settle(parcel, outcome, nowMs);
    if (isLast) this.#drain.remove(parcel.bytes, nowMs);
    if (isLast && this.#waiters.size > 0) this.#admitWaiters();
  }

  #tryAll(parcels: readonly Parcel[]): AdmissionVerdict {
    const nowMs = this.#options.now();
    const verdict = this.#options.partitions.admit(parcels, nowMs);
    if (verdict === "admitted") for (const { bytes } of parcels) this.#drain.add(bytes, nowMs);
    return verdict;
  }

  #wait(parcels: readonly Parcel[], bytes: number): Promise<AdmissionVerdict> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        parcels,
        bytes,
        sinceMs: this.#options.now(),
        decide: (verdict) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          this.#waitingBytes -= bytes;
          resolve(verdict);
        },
      };
      const timer = setTimeout(() => waiter.decide("full"), WAIT_MS_MAX);
      this.#waiters.add(waiter);
      this.#waitingBytes += bytes;
    });
  }

  /** In their order; a request for another partition may pass one that still has no room. */
  #admitWaiters(): void {
    let looks = 0;
    for (const waiter of this.#waiters) {
      const verdict = this.#tryAll(waiter.parcels);
      if (verdict !== "full") waiter.decide(verdict);
      else if (++looks >= LOOKS_MAX) return;
    }
  }
}
