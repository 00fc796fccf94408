/** Colours that values keep. */
import { describe, expect, test } from "bun:test";
import { assignSlots, SLOTS, slotsOf } from "./slots.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

describe("assignSlots()", () => {
  test("gives the most frequent the first colour", () => {
    expect([...assignSlots(new Map(), ["a", "b"])]).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
  });

  test("leaves a value its colour when it is filtered, or its order changes", () => {
    const first = assignSlots(new Map(), ["a", "b", "c"]);

    expect(assignSlots(first, ["c"]).get("c")).toBe(2);
    expect([...assignSlots(first, ["c", "b", "a"]).values()].toSorted()).toEqual([0, 1, 2]);
    expect(assignSlots(first, ["c", "b", "a"]).get("a")).toBe(0);
  });

  test("never gives two values of a chart one colour, whatever was before", () => {
    const known = new Map(names(20).map((name, index) => [name, index % SLOTS]));
    const shown = ["n0", "n7", "n14", "new", "n1", "n2", "n3"];

    expect(new Set(assignSlots(known, shown).values()).size).toBe(SLOTS);
    expect(assignSlots(known, shown).get("n0")).toBe(0);
  });
});

test("slotsOf() remembers the colours of each dimension apart", () => {
  slotsOf("event:props:test", ["a", "b"]);

  expect(slotsOf("event:props:test", ["b"]).get("b")).toBe(1);
  expect(slotsOf("event:props:other", ["b"]).get("b")).toBe(0);
});
