import { expect, test } from "bun:test";

import { measureAwake, undisturbed } from "./awake_time.ts";

/** Blocks this process, as a machine does that stands still. */
const standStill = (ms: number): void => Bun.sleepSync(ms);

test("measureAwake() leaves out the time in which the process stood still", async () => {
  const { value, ms, stallMsMax } = await measureAwake(async () => {
    await Bun.sleep(50);
    standStill(1500);
    await Bun.sleep(50);
    return "done";
  });

  expect(value).toBe("done");
  expect(ms).toBeGreaterThanOrEqual(100);
  expect(ms).toBeLessThan(1000);
  expect(stallMsMax).toBeGreaterThan(1000);
});

test("measureAwake() counts a wait", async () => {
  const { ms } = await measureAwake(() => Bun.sleep(300));

  expect(ms).toBeGreaterThan(200);
});

test("undisturbed() repeats what was disturbed, a few times at most", async () => {
  let calls = 0;
  const disturbed = (times: number) => async (): Promise<number> => {
    calls += 1;
    if (calls <= times) standStill(700);
    return calls;
  };

  const once = await undisturbed(500, disturbed(1));
  calls = 0;
  const always = await undisturbed(500, disturbed(10));

  expect([once, always]).toEqual([2, 5]);
});
