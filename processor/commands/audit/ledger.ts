/**
 * The ledger of one partition: what became of each offset, in total and by hour.
 * Duplicates, dead letters and gaps have no time; they count in the hour of the
 * row before them. Pure.
 */

/** Counts of offsets and what they became. */
export interface LedgerLine {
  /** Offsets from the first up to before the position: what the log received. */
  inLog: number;
  rows: number;
  duplicates: number;
  deadLetters: number;
  /** Offsets at which the log has no record to read. */
  gaps: number;
  /** Records that Kafka deleted before they were read. */
  lost: number;
  /** Offsets that nothing accounts for. */
  missing: number;
  /** Archive lines; 0 when the archive is not audited. */
  lines: number;
  /** Rows at or after the archive's position: they have no line yet. */
  unarchived: number;
  /** Rows before the offset at which the archive began: they will never have a line. */
  beforeArchive: number;
}

/** One hour of a ledger. */
export interface LedgerHour extends LedgerLine {
  /** `2026-01-31T07`, UTC, or null when there was no row before. */
  readonly hour: string | null;
}

const HOUR_MS = 3_600_000;

/** An empty line. */
export function emptyLine(): LedgerLine {
  return {
    inLog: 0,
    rows: 0,
    duplicates: 0,
    deadLetters: 0,
    gaps: 0,
    lost: 0,
    missing: 0,
    lines: 0,
    unarchived: 0,
    beforeArchive: 0,
  };
}

/** Adds a line to another. */
export function addLine(sum: LedgerLine, line: LedgerLine): void {
  for (const name of Object.keys(emptyLine()) as (keyof LedgerLine)[]) sum[name] += line[name];
}

/** The ledger of one partition. */
export class Ledger {
  readonly #hours = new Map<number | null, LedgerLine>();
  #hour: number | null = null;

  /** Sets the hour of the counts that follow. */
  at(ms: number): void {
    const hour = Math.floor(ms / HOUR_MS);
    if (hour === this.#hour) return;
    if (this.#hour === null) {
      const before = this.#hours.get(null);
      this.#hours.delete(null);
      if (before !== undefined) addLine(this.#line(hour), before);
    }
    this.#hour = hour;
  }

  /** Adds to the hour of the last row. */
  count(name: keyof LedgerLine, count = 1): void {
    this.#line(this.#hour)[name] += count;
  }

  /** Counts archive lines of a time. */
  countLine(ms: number): void {
    this.#line(Math.floor(ms / HOUR_MS)).lines += 1;
  }

  /** The sum of all hours. */
  total(): LedgerLine {
    const sum = emptyLine();
    for (const line of this.#hours.values()) addLine(sum, line);
    return sum;
  }

  /** In the order of time. */
  hours(): LedgerHour[] {
    return [...this.#hours]
      .toSorted(([left], [right]) => (left ?? 0) - (right ?? 0))
      .map(([hour, line]) => ({ hour: hour === null ? null : hourText(hour), ...line }));
  }

  #line(hour: number | null): LedgerLine {
    const line = this.#hours.get(hour) ?? emptyLine();
    this.#hours.set(hour, line);
    return line;
  }
}

function hourText(hour: number): string {
  return new Date(hour * HOUR_MS).toISOString().slice(0, 13);
}
