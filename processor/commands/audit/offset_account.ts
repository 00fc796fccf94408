/**
 * Accounts for every offset of a partition in order: each must be exactly one
 * row, duplicate, dead letter or part of a gap (P3). Pure.
 */
import type { Ledger, LedgerLine } from "./ledger.ts";
import type { Entry } from "./entries.ts";
import { offsetsOf, type Findings, type Place } from "./findings.ts";

/** Duplicates that are counted but no longer listed by offset. */
export interface Pruned {
  /** All of them have lower offsets. */
  readonly to: bigint;
  /** Null when unknown, as it is for a part of a partition. */
  readonly duplicates: number | null;
}

/** The offsets to account for. */
export interface AccountOptions {
  readonly place: Place;
  /** Null to start at the first entry. */
  readonly firstOffset: bigint | null;
  /** The position. */
  readonly nextOffset: bigint;
  readonly pruned: Pruned;
  readonly ledger: Ledger;
  readonly findings: Findings;
}

const COLUMNS: Readonly<Record<Entry["kind"], keyof LedgerLine>> = {
  row: "rows",
  duplicate: "duplicates",
  "dead letter": "deadLetters",
  gap: "gaps",
  lost: "lost",
};

/** The account of one partition; feed it in offset order. */
export class OffsetAccount {
  readonly #options: AccountOptions;
  #firstOffset: bigint | null;
  /** The next offset to account for, or null before the first entry when it sets the start. */
  #expected: bigint | null;
  #last: Entry | null = null;
  /** Offsets without an entry that may be pruned duplicates. */
  #unlisted = { count: 0, firstOffset: 0n, lastOffset: 0n };

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#firstOffset = options.firstOffset;
    this.#expected = options.firstOffset;
  }

  /** Where the account begins, or null when there is neither an entry nor a known start. */
  get firstOffset(): bigint | null {
    return this.#firstOffset;
  }

  take(entry: Entry): void {
    const { ledger, findings, place } = this.#options;
    if (this.#firstOffset === null || entry.firstOffset < this.#firstOffset) {
      // An existing entry counts, whatever the counters say: they are compared separately.
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

  /** Ends the account: the offsets up to the position must be accounted for by now. */
  end(): void {
    const { nextOffset, pruned, findings, ledger, place } = this.#options;
    if (this.#expected !== null && this.#expected < nextOffset) {
      this.#miss(this.#expected, nextOffset - 1n);
    }
    const { count, firstOffset, lastOffset } = this.#unlisted;
    const excess = count - (pruned.duplicates ?? count);
    if (excess <= 0) return;
    const detail = `${count} have no entry, and only ${pruned.duplicates} duplicates are no longer listed`;
    findings.add(
      "missing_row",
      { ...place, ...offsetsOf(firstOffset, lastOffset), detail },
      excess,
    );
    ledger.count("missing", excess);
    ledger.count("duplicates", -excess);
  }

  /** Below `pruned.to` an offset without an entry counts as a duplicate, up to their number. */
  #miss(firstOffset: bigint, lastOffset: bigint): void {
    const { pruned } = this.#options;
    if (firstOffset >= pruned.to) this.#missRow(firstOffset, lastOffset);
    else if (lastOffset < pruned.to) this.#missDuplicate(firstOffset, lastOffset);
    else {
      this.#missDuplicate(firstOffset, pruned.to - 1n);
      this.#missRow(pruned.to, lastOffset);
    }
  }

  #missDuplicate(firstOffset: bigint, lastOffset: bigint): void {
    const { ledger } = this.#options;
    const count = Number(lastOffset - firstOffset) + 1;
    const first = this.#unlisted.count === 0 ? firstOffset : this.#unlisted.firstOffset;
    this.#unlisted = { count: this.#unlisted.count + count, firstOffset: first, lastOffset };
    ledger.count("duplicates", count);
    ledger.count("inLog", count);
  }

  #missRow(firstOffset: bigint, lastOffset: bigint): void {
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
