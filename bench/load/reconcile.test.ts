import { expect, test } from "bun:test";

import { Ledger } from "../driver/ledger.ts";
import { runIds } from "./event.ts";
import { isWhole, reconcile } from "./reconcile.ts";
import { Sightings } from "./sightings.ts";

const ids = runIds("abc");

/** Events 0..9: 0..6 accepted, 7 rejected, 8 and 9 unknown. */
function sentTen(): Ledger {
  const ledger = new Ledger();
  ledger.note("accepted", { first: 0, count: 7 });
  ledger.note("rejected", { first: 7, count: 1 });
  ledger.note("unknown", { first: 8, count: 2 });
  return ledger;
}

function seen(numbers: readonly number[]): Sightings {
  const sightings = new Sightings(ids, 10);
  for (const number of numbers) sightings.add(`${ids.prefix}${number}`);
  return sightings;
}

const accepted = [0, 1, 2, 3, 4, 5, 6];

test("reconcile() finds nothing when every accepted event is stored once, with or without unknown ones", () => {
  const result = reconcile(sentTen(), seen([...accepted, 8]), seen([8, ...accepted]));

  expect(isWhole(result)).toBe(true);
});

test("reconcile() sees one lost and one twice when the totals agree", () => {
  const result = reconcile(sentTen(), seen(accepted), seen([0, 0, 2, 3, 4, 5, 6]));

  expect(result).toMatchObject({ lostLines: 1, twice: 1, examples: [1] });
  expect(isWhole(result)).toBe(false);
});

test.each([
  ["lostRows", [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]],
  ["unpromisedRows", [...accepted, 7], [...accepted, 7]],
  ["lostLines", accepted, [0, 1, 2, 3, 4, 5]],
  ["unstoredLines", accepted, [...accepted, 9]],
  ["strange", [...accepted, 10], accepted],
] as const)("reconcile() counts %p alone when that is what is wrong", (kind, rows, lines) => {
  const result = reconcile(sentTen(), seen(rows), seen(lines));

  const { examples: _, ...counts } = result;
  expect(Object.entries(counts).filter(([, count]) => count !== 0)).toEqual([[kind, 1]]);
});

test("reconcile() ignores the archive when it was not counted", () => {
  expect(isWhole(reconcile(sentTen(), seen(accepted), null))).toBe(true);
});
