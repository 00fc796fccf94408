/**
 * Collects librdkafka's reports for a producer at two speeds: every millisecond while
 * a caller waits for a report, every tenth of a second otherwise. The fast speed costs
 * 5 % of a core (measured), which an idle service should not pay.
 */

/** Time between polls while reports are awaited; best with a linger of 0.5 to 1 ms, measured. */
const BUSY_INTERVAL_MS = 1;
/** Time between two polls otherwise: the longest delay of an error of the connection. */
const IDLE_INTERVAL_MS = 100;
/** Polls with nothing awaited before it slows down: a tenth of a second. */
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

  /** A report is awaited from now on; costs nothing when it polls fast already. */
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
    // An idle producer does not keep the process alive; a caller that awaits a report does.
    this.#timer = setInterval(() => this.#tick(), intervalMs).unref();
  }

  #tick(): void {
    this.#poll();
    if (!this.#isFast) return;
    this.#idlePolls = this.#isBusy() ? 0 : this.#idlePolls + 1;
    if (this.#idlePolls >= IDLE_POLLS_MAX) this.#run(IDLE_INTERVAL_MS);
  }
}
