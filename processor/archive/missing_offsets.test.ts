/** Missing offsets of a batch, compared with sets of offsets. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { missingOffsets, subtractGaps } from "./missing_offsets.ts";
import type { OffsetGap } from "../pipeline/sink.ts";
import { testBatch } from "../pipeline/testing/sink_contract.ts";

/** Ranges of a set of small offsets. */
const ranges = fc
  .uniqueArray(fc.bigInt({ min: 0n, max: 30n }))
  .map((offsets) => rangesOf(new Set(offsets)));

describe("missingOffsets()", () => {
  test("missingOffsets() gives nothing when every offset has a record", () => {
    expect(missingOffsets(testBatch({ partition: 0, firstOffset: 5n, count: 3 }))).toEqual([]);
  });

  test("missingOffsets() gives the ranges without a record", () => {
    const whole = testBatch({ partition: 0, firstOffset: 0n, count: 31 });
    fc.assert(
      fc.property(ranges, (missing) => {
        const lost = offsetsOf(missing);
        const records = whole.records.filter(({ record }) => !lost.has(record.offset));

        expect(missingOffsets({ ...whole, records })).toEqual(missing);
      }),
    );
  });
});

describe("subtractGaps()", () => {
  test("subtractGaps() leaves what is in the ranges and in no gap", () => {
    fc.assert(
      fc.property(ranges, ranges, (from, gaps) => {
        const left = offsetsOf(subtractGaps(from, gaps));

        expect(left).toEqual(offsetsOf(from).difference(offsetsOf(gaps)));
      }),
    );
  });
});

function offsetsOf(gaps: readonly OffsetGap[]): Set<bigint> {
  const offsets = new Set<bigint>();
  for (const { firstOffset, lastOffset } of gaps) {
    for (let offset = firstOffset; offset <= lastOffset; offset++) offsets.add(offset);
  }
  return offsets;
}

function rangesOf(offsets: ReadonlySet<bigint>): OffsetGap[] {
  const found: OffsetGap[] = [];
  for (const firstOffset of offsets) {
    if (offsets.has(firstOffset - 1n)) continue;
    let lastOffset = firstOffset;
    while (offsets.has(lastOffset + 1n)) lastOffset++;
    found.push({ firstOffset, lastOffset });
  }
  return found.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
}
