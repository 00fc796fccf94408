import { expect, test } from "bun:test";
import { ownersOf } from "./owners.ts";

test("ownersOf() names the processor of each partition, by sink", () => {
  const owners = ownersOf([
    { label: "a:1", held: { postgres: [0, 1], archive: [2] } },
    { label: "b:2", held: { postgres: [2], archive: [0, 1] } },
  ]);

  expect([...owners.postgres]).toEqual([
    [0, "a:1"],
    [1, "a:1"],
    [2, "b:2"],
  ]);
  expect([...owners.archive]).toEqual([
    [2, "a:1"],
    [0, "b:2"],
    [1, "b:2"],
  ]);
});

test("ownersOf() takes the later of two names, and leaves out processors without a name", () => {
  const owners = ownersOf([
    { label: "a:1", held: { postgres: [0], archive: [] } },
    { label: "b:2", held: { postgres: [0], archive: [] } },
    { label: "", held: { postgres: [0, 3], archive: [] } },
  ]);

  expect([...owners.postgres]).toEqual([[0, "b:2"]]);
});
