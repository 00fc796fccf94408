/**
 * What became of each event that a load sent, by its number: the side of every
 * comparison that knows what was promised.
 */

/** The event got a 202, got another answer below 500, or its fate is unknown. */
export type EventOutcome = "accepted" | "rejected" | "unknown";

/** Numbers of events: `count` from `first` on. */
export interface NumberRange {
  readonly first: number;
  readonly count: number;
}

/** Keeps outcomes: a ledger in memory, or a journal on disk. */
export interface OutcomeLog {
  note(outcome: EventOutcome, events: NumberRange): void;
}

/** Events that follow each other and have the same outcome. */
export type Stretch = readonly [outcome: EventOutcome | "unsent", first: number, count: number];

// One byte per event: how often it was accepted in the low bits, the other outcomes in two bits.
const ACCEPTED_MAX = 63;
const REJECTED = 64;
const UNKNOWN = 128;

/** The outcomes of one run; grows as events are noted. */
export class Ledger implements OutcomeLog {
  #marks = new Uint8Array(1 << 16);
  readonly #counts: Record<EventOutcome, number> = { accepted: 0, rejected: 0, unknown: 0 };
  /** Highest event number that was noted, plus one. */
  total = 0;

  /** Makes a ledger of what another process noted. */
  static from(stretches: readonly Stretch[]): Ledger {
    const ledger = new Ledger();
    for (const [outcome, first, count] of stretches) {
      if (outcome !== "unsent") ledger.note(outcome, { first, count });
    }
    return ledger;
  }

  /** Notes an outcome of events; an event that was sent several times may have several. */
  note(outcome: EventOutcome, { first, count }: NumberRange): void {
    const end = first + count;
    if (end > this.#marks.length) this.#grow(end);
    for (let number = first; number < end; number += 1) this.#mark(outcome, number);
    this.#counts[outcome] += count;
    this.total = Math.max(this.total, end);
  }

  /** How often an event was accepted; saturates at 63. */
  timesAccepted(number: number): number {
    return (this.#marks[number] ?? 0) & ACCEPTED_MAX;
  }

  isRejected(number: number): boolean {
    return ((this.#marks[number] ?? 0) & REJECTED) !== 0;
  }

  isUnknown(number: number): boolean {
    return ((this.#marks[number] ?? 0) & UNKNOWN) !== 0;
  }

  /** The outcome that decides: one acceptance is a promise, and an unknown fate may be one. */
  outcomeOf(number: number): EventOutcome | "unsent" {
    if (this.timesAccepted(number) > 0) return "accepted";
    if (this.isUnknown(number)) return "unknown";
    return this.isRejected(number) ? "rejected" : "unsent";
  }

  /** How many outcomes of a kind were noted. */
  count(outcome: EventOutcome): number {
    return this.#counts[outcome];
  }

  /** How many outcomes were noted in all: events that may have reached the service. */
  get sent(): number {
    return this.#counts.accepted + this.#counts.rejected + this.#counts.unknown;
  }

  /** The deciding outcomes of all events from `first` on. */
  stretches(first: number): Stretch[] {
    const stretches: Stretch[] = [];
    let from = first;
    for (let number = first; number < this.total; number += 1) {
      const outcome = this.outcomeOf(number);
      if (number + 1 < this.total && this.outcomeOf(number + 1) === outcome) continue;
      stretches.push([outcome, from, number + 1 - from]);
      from = number + 1;
    }
    return stretches;
  }

  #mark(outcome: EventOutcome, number: number): void {
    const mark = this.#marks[number] ?? 0;
    if (outcome === "accepted") {
      if ((mark & ACCEPTED_MAX) < ACCEPTED_MAX) this.#marks[number] = mark + 1;
    } else this.#marks[number] = mark | (outcome === "rejected" ? REJECTED : UNKNOWN);
  }

  #grow(length: number): void {
    const marks = new Uint8Array(Math.max(length, this.#marks.length * 2));
    marks.set(this.#marks);
    this.#marks = marks;
  }
}
