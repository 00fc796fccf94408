/** How often each event of a run was found in one place, by its number. */
import { numberOf, type RunIds } from "./event.ts";

/** The sightings of one run in one place: the table or the archive. */
export class Sightings {
  readonly #ids: RunIds;
  /** Saturates at 255; only "more than once" matters. */
  readonly #times: Uint8Array;
  /** Different events found. */
  distinct = 0;
  /** Rows or lines beyond the first one of the same event. */
  extra = 0;
  /** Ids of this run whose number was never used. */
  strange = 0;

  /** @param total Highest event number plus one. */
  constructor(ids: RunIds, total: number) {
    this.#ids = ids;
    this.#times = new Uint8Array(total);
  }

  /** Counts one row or line. */
  add(eventId: string): void {
    const number = numberOf(eventId, this.#ids, this.#times.length);
    if (number === -1) {
      this.strange += 1;
      return;
    }
    const times = this.#times[number] ?? 0;
    if (times === 0) this.distinct += 1;
    else this.extra += 1;
    this.#times[number] = Math.min(255, times + 1);
  }

  /** Whether an event was found. */
  has(number: number): boolean {
    return (this.#times[number] ?? 0) > 0;
  }
}
