/** Checks that the archive ranges of a partition tile it: no gap, no overlap (P5). Pure. */

/** Offsets of the log, both ends inclusive. */
export interface Range {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
}

/** A place where ranges do not tile. */
export interface TilingFault extends Range {
  readonly kind: "range_gap" | "range_overlap";
}

/** Checks ranges in the order of their first offsets. */
export class Tiling {
  #next: bigint;

  /** @param firstOffset Where the first range must begin. */
  constructor(firstOffset: bigint) {
    this.#next = firstOffset;
  }

  /** The fault between this range and those before it, or null. */
  take({ firstOffset, lastOffset }: Range): TilingFault | null {
    const next = this.#next;
    if (lastOffset >= next) this.#next = lastOffset + 1n;
    if (firstOffset > next)
      return { kind: "range_gap", firstOffset: next, lastOffset: firstOffset - 1n };
    if (firstOffset === next) return null;
    const end = lastOffset < next ? lastOffset : next - 1n;
    return { kind: "range_overlap", firstOffset, lastOffset: end };
  }

  /** The fault at the end, or null. @param nextOffset The archive's position. */
  end(nextOffset: bigint): TilingFault | null {
    if (this.#next === nextOffset) return null;
    return this.#next < nextOffset
      ? { kind: "range_gap", firstOffset: this.#next, lastOffset: nextOffset - 1n }
      : { kind: "range_overlap", firstOffset: nextOffset, lastOffset: this.#next - 1n };
  }
}
