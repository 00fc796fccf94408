import { expect, test } from "bun:test";
import { monotonicNow, wallNow, type MonotonicClock, type WallClock } from "./clock.ts";

test("monotonicNow() never goes back and counts the milliseconds that pass", async () => {
  const before = monotonicNow();
  await Bun.sleep(5);
  const after = monotonicNow();

  expect(after - before).toBeGreaterThan(3);
  expect(after - before).toBeLessThan(5000);
});

test("wallNow() is the time of the machine", () => {
  expect(Math.abs(wallNow() - new Date().getTime())).toBeLessThan(1000);
});

type IsTaken<Given, Wanted> = Given extends Wanted ? "taken" : "refused";

test("the types refuse a clock of one kind where the other kind is wanted", () => {
  const deadline: IsTaken<WallClock, MonotonicClock> = "refused";
  const stamp: IsTaken<MonotonicClock, WallClock> = "refused";
  const ofTest: IsTaken<() => number, MonotonicClock> = "taken";

  expect([deadline, stamp, ofTest]).toEqual(["refused", "refused", "taken"]);
});
