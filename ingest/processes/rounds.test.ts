import { describe, expect, test } from "bun:test";
import { Rounds } from "./rounds.ts";

/** Rounds whose ends the test decides; each gives its number. */
function rounds() {
  const ends: ((fails?: boolean) => void)[] = [];
  const all = new Rounds(() => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const number = ends.length;
    ends.push((fails = false) => (fails ? reject(new Error("failed")) : resolve(number)));
    return promise;
  });
  return { all, ends };
}

describe("Rounds.join()", () => {
  test("begins a round when none is under way", async () => {
    const { all, ends } = rounds();
    const answer = all.join();

    ends[0]?.();

    expect(await answer).toBe(0);
  });

  test("gives one later round to all who join during one", async () => {
    const { all, ends } = rounds();
    const [first, second, third] = [all.join(), all.join(), all.join()];

    ends[0]?.();
    expect(await first).toBe(0);
    const between = all.join();
    expect(ends).toHaveLength(2);
    ends[1]?.();

    expect(await Promise.all([second, third])).toEqual([1, 1]);
    ends[2]?.();
    expect([1, 2]).toContain(await between);
  });

  test("begins the next round when the one before has failed", async () => {
    const { all, ends } = rounds();
    const [first, second] = [all.join(), all.join()];

    ends[0]?.(true);
    await expect(first).rejects.toThrow("failed");
    ends[1]?.();

    expect(await second).toBe(1);
  });
});
