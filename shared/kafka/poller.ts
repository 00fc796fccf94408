/**
 * Collects what librdkafka has to tell a producer: often while reports are
 * awaited, seldom otherwise. Polling every millisecond costs 5 % of a core
 * (measured), which an idle service should not pay.
 */

/** Reports are collected this often; measured best together with a linger of 0.5 to 1 ms. */
const BUSY_INTERVAL_MS = 1;
/** Errors of the connection may come this late. */
const IDLE_INTERVAL_MS = 100;
/** Polls without anything awaited before it slows down: a tenth of a second. */
const IDLE_POLLS_MAX = 100;

export class Poller {
  readonly #poll: () => void;
  readonly #isBusy: () => boolean;
  #timer: Timer | null = null;
  #isFast = false;
  #idlePolls = 0;

  constructor(poll: () => void, isBusy: () => boolean) {
    this.#poll = poll;
    this.#isBusy = isBusy;
  }

  start(): void {
    this.#run(IDLE_INTERVAL_MS);
  }

  /** Something is awaited from now on; costs nothing when that is known. */
  wake(): void {
    if (!this.#isFast && this.#timer !== null) this.#run(BUSY_INTERVAL_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #run(intervalMs: number): void {
    this.stop();
    this.#isFast = intervalMs === BUSY_INTERVAL_MS;
    this.#idlePolls = 0;
    // An idle producer does not keep the process alive; whoever awaits a report does.
    this.#timer = setInterval(() => this.#tick(), intervalMs).unref();
  }

  #tick(): void {
    this.#poll();
    if (!this.#isFast) return;
    this.#idlePolls = this.#isBusy() ? 0 : this.#idlePolls + 1;
    if (this.#idlePolls >= IDLE_POLLS_MAX) this.#run(IDLE_INTERVAL_MS);
  }
}
