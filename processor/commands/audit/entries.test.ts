import { describe, expect, test } from "bun:test";

import { mergeByOffset, readAhead, type Entry } from "./entries.ts";

async function* from<T>(...elements: T[]): AsyncGenerator<T> {
  yield* elements;
}

function at(firstOffset: bigint): Entry {
  return { kind: "duplicate", firstOffset, lastOffset: firstOffset, eventId: null, row: null };
}

describe("mergeByOffset()", () => {
  test("mergeByOffset() returns all entries in offset order when sources are empty, long and short", async () => {
    const sources = [from(at(0n), at(9n), at(10n)), from<Entry>(), from(at(2n)), from(at(9n))];

    const merged = await Array.fromAsync(mergeByOffset(sources));

    expect(merged.map((entry) => entry.firstOffset)).toEqual([0n, 2n, 9n, 9n, 10n]);
  });
});

describe("readAhead()", () => {
  test("readAhead() keeps the order and never reads more than `aheadMax` when answers are slow", async () => {
    const waiting = new Set<number>();
    let most = 0;
    const read = async (element: number) => {
      waiting.add(element);
      most = Math.max(most, waiting.size);
      await Promise.resolve();
      return element * 2;
    };

    const read4: number[] = [];
    for await (const answer of readAhead(from(1, 2, 3, 4, 5), read, 2)) {
      waiting.delete(answer / 2);
      read4.push(answer);
    }

    expect(read4).toEqual([2, 4, 6, 8, 10]);
    expect(most).toBe(2);
  });

  test("readAhead() rejects when an element can't be read", async () => {
    const read = (element: number) =>
      element === 2 ? Promise.reject(new Error("away")) : Promise.resolve(element);

    await expect(Array.fromAsync(readAhead(from(1, 2, 3), read, 2))).rejects.toThrow("away");
  });
});
