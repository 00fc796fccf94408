/**
 * The journal of a run: what became of each event, on disk before the connection sends
 * its next request. Each line holds an outcome, the first event number and a count.
 */
import { closeSync, openSync, writeSync } from "node:fs";

import { Ledger, type EventOutcome, type OutcomeLog } from "../../driver/ledger.ts";

const LETTERS = { accepted: "A", rejected: "N", unknown: "U" } as const;
const OUTCOMES: Readonly<Record<string, EventOutcome>> = {
  A: "accepted",
  N: "rejected",
  U: "unknown",
};

/** A journal that is open for writing; a note is with the kernel when `note()` returns. */
export interface OpenJournal extends OutcomeLog {
  close(): void;
}

/** Opens a journal; several loads of one run append to the same. */
export function openJournal(path: string): OpenJournal {
  const file = openSync(path, "a");
  return {
    note: (outcome, { first, count }) => {
      writeSync(file, `${LETTERS[outcome]} ${first} ${count}\n`);
    },
    close: () => closeSync(file),
  };
}

/** Reads the text of a journal; the events of a torn last line were not sent on. */
export function readJournal(text: string): Ledger {
  const ledger = new Ledger();
  for (const [, letter = "", first, count] of text.matchAll(/^([ANU]) (\d+) (\d+)$/gm)) {
    ledger.note(OUTCOMES[letter] ?? "unknown", { first: Number(first), count: Number(count) });
  }
  return ledger;
}
