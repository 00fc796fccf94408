/**
 * Admits the records of a request when their partitions have room, after a short wait
 * if need be: on a fast link a burst passes within milliseconds, on a slow one most
 * requests are refused early, so that those which are admitted arrive in time.
 */
import type { Delivery } from "@tally/shared/kafka";
import type { PipelineError } from "@tally/shared";
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

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Whether requests have waited for so long that another one would wait in vain. */
  get isSlow(): boolean {
    const [oldest] = this.#waiters;
    return oldest !== undefined && this.#options.now() - oldest.sinceMs >= WAIT_MS_SLOW;
  }

  /** Decides at once, or after a wait of up to `WAIT_MS_MAX`. */
  admit(parcels: readonly Parcel[]): AdmissionVerdict | Promise<AdmissionVerdict> {
    const verdict = this.#options.partitions.admit(parcels, this.#options.now());
    if (verdict !== "full") return verdict;
    let bytes = 0;
    for (const parcel of parcels) bytes += parcel.bytes;
    if (this.#waitingBytes + bytes > this.#options.waitingBytesMax) return "full";
    return this.#wait(parcels, bytes);
  }

  /** Takes the report of one record of an admitted parcel. */
  settle(parcel: Parcel, outcome: Delivery | PipelineError): void {
    const { partitions, now } = this.#options;
    const isLast = partitions.settle(parcel, outcome, now());
    if (isLast && this.#waiters.size > 0) this.#admitWaiters();
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
      const verdict = this.#options.partitions.admit(waiter.parcels, this.#options.now());
      if (verdict !== "full") waiter.decide(verdict);
      else if (++looks >= LOOKS_MAX) return;
    }
  }
}
