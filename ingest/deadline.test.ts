import { describe, expect, test } from "bun:test";
import { Deadlines } from "./deadline.ts";

/** Deadlines of 100 ms on a clock that the test moves. */
function setUp() {
  const clock = { ms: 1000 };
  const deadlines = new Deadlines(100, () => clock.ms);
  const passed: string[] = [];
  const begin = (name: string) => {
    const deadline = deadlines.begin();
    deadline.onPassed(() => passed.push(name));
    return deadline;
  };
  return { clock, deadlines, passed, begin };
}

describe("Deadlines", () => {
  test("sweep() lets those pass whose time is up, in their order, once", () => {
    const { clock, deadlines, passed, begin } = setUp();
    begin("first");
    clock.ms = 1050;
    begin("second");
    const third = begin("third");

    clock.ms = 1100;
    deadlines.sweep();
    const early = [...passed];
    third.clear();
    clock.ms = 1150;
    deadlines.sweep();
    deadlines.sweep();

    expect(early).toEqual(["first"]);
    expect(passed).toEqual(["first", "second"]);
    expect(third.passed).toBe(false);
  });

  test("onPassed() replaces the action, and runs at once when time is up", () => {
    const { clock, deadlines, passed, begin } = setUp();
    const deadline = begin("replaced");
    deadline.onPassed(() => passed.push("new"));
    clock.ms = 1100;
    deadlines.sweep();

    deadline.onPassed(() => passed.push("late"));

    expect(deadline.passed).toBe(true);
    expect(passed).toEqual(["new", "late"]);
  });

  test("begin() wakes by itself, also for those that began while others waited", async () => {
    const deadlines = new Deadlines(20, () => performance.now());
    const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const startedMs = performance.now();
    deadlines.begin().onPassed(one.resolve);
    await Bun.sleep(10);
    deadlines.begin().onPassed(other.resolve);

    await one.promise;
    const firstMs = performance.now() - startedMs;
    await other.promise;

    expect(firstMs).toBeGreaterThanOrEqual(19);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(29);
  });
});
