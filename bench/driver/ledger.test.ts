import { expect, test } from "bun:test";

import { Ledger } from "./ledger.ts";

test("Ledger keeps outcomes when it grows", () => {
  const ledger = new Ledger();
  ledger.note("unknown", { first: 3, count: 1 });
  ledger.note("accepted", { first: 1_000_000, count: 5000 });

  expect(ledger.outcomeOf(3)).toBe("unknown");
  expect(ledger.outcomeOf(1_004_999)).toBe("accepted");
  expect(ledger.outcomeOf(1_005_000)).toBe("unsent");
  expect([ledger.sent, ledger.total]).toEqual([5001, 1_005_000]);
});

test("Ledger keeps every outcome of an event that was sent several times", () => {
  const ledger = new Ledger();
  ledger.note("rejected", { first: 0, count: 3 });
  ledger.note("unknown", { first: 1, count: 2 });
  ledger.note("accepted", { first: 2, count: 1 });
  ledger.note("accepted", { first: 2, count: 1 });

  const outcomes = [0, 1, 2, 3].map((number) => ledger.outcomeOf(number));

  expect(outcomes).toEqual(["rejected", "unknown", "accepted", "unsent"]);
  expect([1, 2, 3].map((number) => ledger.timesAccepted(number))).toEqual([0, 2, 0]);
  expect([2, 3].map((number) => ledger.isUnknown(number))).toEqual([true, false]);
  expect([2, 3].map((number) => ledger.isRejected(number))).toEqual([true, false]);
  expect(
    ["accepted", "rejected", "unknown"].map((each) => ledger.count(each as "accepted")),
  ).toEqual([2, 3, 2]);
});

test("timesAccepted() saturates and leaves the other outcomes alone", () => {
  const ledger = new Ledger();
  for (let time = 0; time < 100; time += 1) ledger.note("accepted", { first: 7, count: 1 });

  expect(ledger.timesAccepted(7)).toBe(63);
  expect([ledger.isRejected(7), ledger.isUnknown(7)]).toEqual([false, false]);
});

test("Ledger.from() makes the same ledger of its stretches", () => {
  const ledger = new Ledger();
  ledger.note("accepted", { first: 10, count: 5 });
  ledger.note("rejected", { first: 15, count: 1 });
  ledger.note("accepted", { first: 20, count: 2 });

  const stretches = ledger.stretches(10);
  const copy = Ledger.from(stretches);

  expect(stretches).toEqual([
    ["accepted", 10, 5],
    ["rejected", 15, 1],
    ["unsent", 16, 4],
    ["accepted", 20, 2],
  ]);
  expect(copy.stretches(10)).toEqual(stretches);
  expect([copy.sent, copy.total]).toEqual([8, 22]);
});
