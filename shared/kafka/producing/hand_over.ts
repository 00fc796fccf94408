/**
 * Decides when gathered records go to the client: at once while nothing waits for a
 * report, else together when all reports have come, as in a group commit. The client
 * sends one request for each partition, whatever is in it. So a busy service makes
 * few large requests, and a quiet one waits for nobody.
 */
import type { NumberedRecord } from "./record_packer.ts";

/** Longest wait for reports: a slow partition must not hold back the records of others. */
const WAIT_MS_MAX = 1; // chosen: 3 ms cost 64 senders a tenth of their rate, at the same CPU
/** This many records are handed over without waiting for others. */
const RECORDS_ENOUGH = 256; // chosen

export interface HandOverOptions {
  /** Records without a report, the gathered ones among them. */
  readonly unreported: () => number;
  /** Gives records to the client, in order. */
  readonly hand: (records: readonly NumberedRecord[]) => void;
}

export class HandOver {
  readonly #options: HandOverOptions;
  #gathered: NumberedRecord[] = [];
  #isDue = false;
  #timer: Timer | null = null;

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  /** Takes records that go to the client soon, after those that were gathered before. */
  gather(records: readonly NumberedRecord[]): void {
    for (const record of records) this.#gathered.push(record);
    this.#schedule();
  }

  /** Reports have come. */
  noteReports(): void {
    this.#schedule();
  }

  /** Forgets what is gathered. */
  drop(): void {
    this.#gathered = [];
  }

  #schedule(): void {
    const count = this.#gathered.length;
    if (count === 0 || this.#isDue) return;
    if (count >= RECORDS_ENOUGH || this.#options.unreported() === count) this.#handSoon();
    else this.#timer ??= setTimeout(() => this.#handNow(), WAIT_MS_MAX);
  }

  /** At the end of this turn of the event loop, with what the turn still brings. */
  #handSoon(): void {
    this.#isDue = true;
    setImmediate(() => this.#handNow());
  }

  #handNow(): void {
    this.#isDue = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const records = this.#gathered;
    this.#gathered = [];
    if (records.length > 0) this.#options.hand(records);
  }
}
