/**
 * Accounts for every offset of a partition, in their order: each must be exactly
 * one row, duplicate, dead letter or part of a gap (P3). Pure.
 */
import type { Ledger, LedgerLine } from "./audit_ledger.ts";
import type { Entry } from "./entry.ts";
import { offsetsOf, type Findings, type Place } from "./findings.ts";

/** Which offsets are to be accounted for. */
export interface AccountOptions {
  readonly place: Place;
  /** Null: the first one that is there. */
  readonly firstOffset: bigint | null;
  /** The position. */
  readonly nextOffset: bigint;
  readonly ledger: Ledger;
  readonly findings: Findings;
}

const COLUMNS: Readonly<Record<Entry["kind"], keyof LedgerLine>> = {
  row: "rows",
  duplicate: "duplicates",
  "dead letter": "deadLetters",
  gap: "gaps",
};

/** The account of one partition; feed it in offset order. */
export class OffsetAccount {
  readonly #options: AccountOptions;
  #firstOffset: bigint | null;
  /** The next offset that is expected; null: nothing came yet, and whatever comes is the first. */
  #expected: bigint | null;
  #last: Entry | null = null;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#firstOffset = options.firstOffset;
    this.#expected = options.firstOffset;
  }

  /** Where the account begins; null: nothing is there and nobody says where it should be. */
  get firstOffset(): bigint | null {
    return this.#firstOffset;
  }

  take(entry: Entry): void {
    const { ledger, findings, place } = this.#options;
    if (this.#firstOffset === null || entry.firstOffset < this.#firstOffset) {
      // What is there counts, whatever the counters say: they are compared by themselves.
      this.#firstOffset = entry.firstOffset;
      this.#expected = entry.firstOffset;
    }
    const expected = this.#expected ?? entry.firstOffset;
    if (entry.firstOffset > expected) this.#miss(expected, entry.firstOffset - 1n);
    if (entry.row !== null) ledger.at(entry.row.receivedAtMs);
    if (entry.firstOffset < expected) {
      const end = entry.lastOffset < expected ? entry.lastOffset : expected - 1n;
      const offsets = offsetsOf(entry.firstOffset, end);
      const eventId = entry.eventId ?? this.#last?.eventId ?? undefined;
      const detail = `${describe(this.#last)} and ${describe(entry)}`;
      const problem = { ...place, ...offsets, detail, ...(eventId !== undefined && { eventId }) };
      findings.add("offset_twice", problem, Number(end - entry.firstOffset) + 1);
    }
    ledger.count(COLUMNS[entry.kind], Number(entry.lastOffset - entry.firstOffset) + 1);
    const next = entry.lastOffset + 1n;
    if (next > expected) {
      ledger.count(
        "inLog",
        Number(next - (entry.firstOffset > expected ? entry.firstOffset : expected)),
      );
      this.#expected = next;
    }
    this.#last = entry;
  }

  /** Says that nothing more comes. */
  end(): void {
    const { nextOffset } = this.#options;
    if (this.#expected !== null && this.#expected < nextOffset) {
      this.#miss(this.#expected, nextOffset - 1n);
    }
  }

  #miss(firstOffset: bigint, lastOffset: bigint): void {
    const { place, findings, ledger } = this.#options;
    const count = Number(lastOffset - firstOffset) + 1;
    findings.add("missing_row", { ...place, ...offsetsOf(firstOffset, lastOffset) }, count);
    ledger.count("missing", count);
    ledger.count("inLog", count);
  }
}

function describe(entry: Entry | null): string {
  if (entry === null) return "nothing";
  return entry.eventId === null ? `a ${entry.kind}` : `${entry.kind} ${entry.eventId}`;
}
