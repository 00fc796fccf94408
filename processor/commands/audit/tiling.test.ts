import { describe, expect, test } from "bun:test";
import fc from "fast-check";

import { Tiling, type TilingFault } from "./tiling.ts";

const range = (firstOffset: bigint, lastOffset: bigint) => ({ firstOffset, lastOffset });

function faultsOf(first: bigint, next: bigint, ranges: readonly [bigint, bigint][]): TilingFault[] {
  const tiling = new Tiling(first);
  const faults = ranges.map(([from, to]) => tiling.take(range(from, to)));
  return [...faults, tiling.end(next)].filter((fault) => fault !== null);
}

describe("Tiling", () => {
  test("Tiling finds nothing when ranges follow each other to the position", () => {
    expect(
      faultsOf(5n, 12n, [
        [5n, 9n],
        [10n, 10n],
        [11n, 11n],
      ]),
    ).toEqual([]);
    expect(faultsOf(7n, 7n, [])).toEqual([]);
  });

  test.each<[string, [bigint, bigint][], bigint, bigint]>([
    ["before the first", [[7n, 11n]], 5n, 6n],
    [
      "between two",
      [
        [5n, 6n],
        [9n, 11n],
      ],
      7n,
      8n,
    ],
    ["after the last", [[5n, 9n]], 10n, 11n],
    ["all over", [], 5n, 11n],
  ])("Tiling finds the gap %s", (_, ranges, firstOffset, lastOffset) => {
    const gap = { kind: "range_gap" as const, firstOffset, lastOffset };
    expect(faultsOf(5n, 12n, ranges)).toEqual([gap]);
  });

  test.each<[string, [bigint, bigint][], bigint, bigint]>([
    [
      "two overlap",
      [
        [5n, 8n],
        [7n, 11n],
      ],
      7n,
      8n,
    ],
    [
      "one lies within another",
      [
        [5n, 11n],
        [6n, 7n],
      ],
      6n,
      7n,
    ],
    ["one reaches beyond the position", [[5n, 13n]], 12n, 13n],
  ])("Tiling finds the overlap when %s", (_, ranges, firstOffset, lastOffset) => {
    const overlap = { kind: "range_overlap" as const, firstOffset, lastOffset };
    expect(faultsOf(5n, 12n, ranges)).toEqual([overlap]);
  });

  test("Tiling finds the range when any one of many was removed", () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, fc.nat(), (sizes, choice) => {
        let next = 3n;
        const ranges = sizes.map((size): [bigint, bigint] => {
          const first = next;
          next += BigInt(size);
          return [first, next - 1n];
        });
        const removed = choice % ranges.length;
        const left = ranges.filter((_, index) => index !== removed);

        expect(faultsOf(3n, next, ranges)).toEqual([]);
        const [firstOffset, lastOffset] = ranges[removed] ?? [0n, 0n];
        expect(faultsOf(3n, next, left)).toEqual([{ kind: "range_gap", firstOffset, lastOffset }]);
      }),
    );
  });
});
