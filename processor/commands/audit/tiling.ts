/** Archive ranges of one partition must tile it: no gap, no overlap (P5). Pure. */

/** Offsets of the log, both ends inclusive. */
export interface Range {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
}

/** Where ranges do not tile. */
export interface TilingFault extends Range {
  readonly kind: "range_gap" | "range_overlap";
}

/** Watches ranges that come by their first offset. */
export class Tiling {
  #next: bigint;

  /** @param firstOffset Where the first range must begin. */
  constructor(firstOffset: bigint) {
    this.#next = firstOffset;
  }

  /** What is wrong between this range and those before; null: nothing. */
  take({ firstOffset, lastOffset }: Range): TilingFault | null {
    const next = this.#next;
    if (lastOffset >= next) this.#next = lastOffset + 1n;
    if (firstOffset > next)
      return { kind: "range_gap", firstOffset: next, lastOffset: firstOffset - 1n };
    if (firstOffset === next) return null;
    const end = lastOffset < next ? lastOffset : next - 1n;
    return { kind: "range_overlap", firstOffset, lastOffset: end };
  }

  /** What is wrong at the end. @param nextOffset The archive's position. */
  end(nextOffset: bigint): TilingFault | null {
    if (this.#next === nextOffset) return null;
    return this.#next < nextOffset
      ? { kind: "range_gap", firstOffset: this.#next, lastOffset: nextOffset - 1n }
      : { kind: "range_overlap", firstOffset: nextOffset, lastOffset: this.#next - 1n };
  }
}
