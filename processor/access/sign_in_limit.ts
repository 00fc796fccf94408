/**
 * How often one address, or one /64 of IPv6, may fail to sign in. A key has 256 random bits, so it
 * can't be guessed; the bound limits what attempts cost.
 */
import { networkOf, type MonotonicClock } from "@tally/shared";

/** Failures of one address within a window; more wait for its end. */
export const FAILURES_MAX = 10; // chosen
const WINDOW_MS = 60_000; // chosen
/** Networks that are remembered; the one that failed first is forgotten above it. */
const NETWORKS_MAX = 10_000; // chosen

/** Counts failures by the network of an address. */
export class SignInLimit {
  readonly #now: MonotonicClock;
  /** By network. */
  readonly #failures = new Map<string, { count: number; readonly endsMs: number }>();

  constructor(now: MonotonicClock) {
    this.#now = now;
  }

  /** How long an address must wait, in seconds; 0 when it may try. */
  waitSeconds(address: string): number {
    const failed = this.#failures.get(networkOf(address));
    if (failed === undefined || failed.count < FAILURES_MAX) return 0;
    return Math.max(0, Math.ceil((failed.endsMs - this.#now()) / 1000));
  }

  /**
   * Counts a try as a failure until it succeeds, so that many at the same time don't get past.
   *
   * @returns Whether it is the last one that the address may have.
   */
  noteTry(address: string): boolean {
    const nowMs = this.#now();
    const network = networkOf(address);
    const failed = this.#failures.get(network);
    if (failed !== undefined && failed.endsMs > nowMs) return ++failed.count === FAILURES_MAX;
    this.#failures.delete(network);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= NETWORKS_MAX && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(network, { count: 1, endsMs: nowMs + WINDOW_MS });
    return false;
  }

  /** A try was no failure. */
  takeBack(address: string): void {
    const failed = this.#failures.get(networkOf(address));
    if (failed !== undefined) failed.count -= 1;
  }
}
