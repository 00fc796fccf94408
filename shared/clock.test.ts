import { expect, test } from "bun:test";
import { monotonicNow, wallNow, type MonotonicClock, type WallClock } from "./clock.ts";

test("monotonicNow() never goes back and counts the milliseconds that pass", async () => {
  const outerMs = performance.now();
  const before = monotonicNow();
  await Bun.sleep(5);
  const after = monotonicNow();

  expect(after - before).toBeGreaterThan(3);
  expect(after - before).toBeLessThanOrEqual(performance.now() - outerMs);
});

test("wallNow() is the time of the machine", () => {
  const [before, now, after] = [new Date().getTime(), wallNow(), new Date().getTime()];

  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(after);
});

type IsTaken<Given, Wanted> = Given extends Wanted ? "taken" : "refused";

test("the types refuse a clock of one kind where the other kind is wanted", () => {
  const deadline: IsTaken<WallClock, MonotonicClock> = "refused";
  const stamp: IsTaken<MonotonicClock, WallClock> = "refused";
  const ofTest: IsTaken<() => number, MonotonicClock> = "taken";

  expect([deadline, stamp, ofTest]).toEqual(["refused", "refused", "taken"]);
});
