/**
 * The journal of a run: what became of each event, on disk before the driver
 * sends on. A line is an outcome, the first number and how many.
 */
import { closeSync, openSync, writeSync } from "node:fs";

/** Got a 202, got a 4xx, or nobody knows (5xx, timeout, broken connection). */
export type Outcome = "acknowledged" | "refused" | "unknown";

const LETTERS = { acknowledged: "A", refused: "N", unknown: "U" } as const;

/** Numbers of events: `count` from `first` on. */
export interface NumberRange {
  readonly first: number;
  readonly count: number;
}

export interface OpenJournal {
  /** Written when it returns. */
  note(outcome: Outcome, range: NumberRange): void;
  close(): void;
}

/** Opens a new journal. */
export function openJournal(path: string): OpenJournal {
  const file = openSync(path, "a");
  return {
    note: (outcome, { first, count }) => {
      writeSync(file, `${LETTERS[outcome]} ${first} ${count}\n`);
    },
    close: () => closeSync(file),
  };
}

/** What a journal says, event by event. */
export class Journal {
  /** Per event: how often it was acknowledged (up to 255). */
  readonly acknowledged: Uint8Array;
  /** Per event: bit 0 refused, bit 1 unknown. */
  readonly #others: Uint8Array;
  /** One above the highest number that was sent. */
  readonly total: number;

  private constructor(total: number) {
    this.total = total;
    this.acknowledged = new Uint8Array(total);
    this.#others = new Uint8Array(total);
  }

  /** Reads the text of a journal; a torn last line is what was not sent on. */
  static read(text: string): Journal {
    const lines = [...text.matchAll(/^([ANU]) (\d+) (\d+)$/gm)].map(([, letter, first, count]) => ({
      letter,
      first: Number(first),
      count: Number(count),
    }));
    const journal = new Journal(
      lines.reduce((max, { first, count }) => Math.max(max, first + count), 0),
    );
    for (const { letter, first, count } of lines) {
      for (let number = first; number < first + count; number += 1) journal.#note(letter, number);
    }
    return journal;
  }

  isRefused(number: number): boolean {
    return ((this.#others[number] ?? 0) & 1) !== 0;
  }

  isUnknown(number: number): boolean {
    return ((this.#others[number] ?? 0) & 2) !== 0;
  }

  #note(letter: string | undefined, number: number): void {
    if (letter === "A") {
      this.acknowledged[number] = Math.min(255, (this.acknowledged[number] ?? 0) + 1);
    } else {
      this.#others[number] = (this.#others[number] ?? 0) | (letter === "N" ? 1 : 2);
    }
  }
}
