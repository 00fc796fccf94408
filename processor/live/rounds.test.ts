/** Rounds over many members with a fake clock: order, slices, newcomers, late timers, the end. */
import { describe, expect, test } from "bun:test";
import { Rounds } from "./rounds.ts";
import { FakeRoundClock } from "./testing/fake_rounds.ts";

const SPREAD_MS = 500;

/** Members 0, 1, 2... and what each was served. */
function makeRounds(count: number, costMs = 0) {
  const clock = new FakeRoundClock();
  const served: { readonly member: number; readonly value: number; readonly atMs: number }[] = [];
  const world = { value: 0 };
  const rounds = new Rounds<number>({
    clock,
    spreadMs: SPREAD_MS,
    serve: (member) => {
      served.push({ member, value: world.value, atMs: clock.nowMs - 1000 });
      clock.nowMs += costMs;
    },
  });
  for (let member = 0; member < count; member++) rounds.add(member);
  const begin = (): void => {
    world.value += 1;
    rounds.begin();
  };
  /** What a member was served, oldest first. */
  const valuesOf = (member: number): number[] =>
    served.filter((each) => each.member === member).map(({ value }) => value);
  return { rounds, clock, served, begin, valuesOf };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, member) => member);
}

describe("Rounds", () => {
  test("begin() serves a few members at once and without a timer", () => {
    const { clock, served, begin } = makeRounds(20);

    begin();

    expect(served.map(({ member }) => member)).toEqual(upTo(20));
    expect(clock.waiting).toBe(0);
  });

  test("begin() serves each of many members once, in slices over the spread", () => {
    const { clock, served, begin } = makeRounds(5000);

    begin();
    clock.advance(SPREAD_MS);

    expect(served.map(({ member }) => member)).toEqual(upTo(5000));
    const slices = Map.groupBy(served, ({ atMs }) => atMs);
    expect(Math.max(...[...slices.values()].map(({ length }) => length))).toBe(50);
    expect([...slices.keys()].slice(0, 3)).toEqual([0, 5, 10]);
    expect(clock.waiting).toBe(0);
  });

  test("begin() ends a slice when its time is over, however many members are left", () => {
    const { clock, served, begin } = makeRounds(100, 1);

    begin();
    const atOnce = served.length;
    clock.advance(5);
    const afterPause = served.length;
    clock.advance(1000);

    expect([atOnce, afterPause]).toEqual([2, 4]);
    expect(served.map(({ member }) => member)).toEqual(upTo(100));
  });

  test("begin() goes on with those that wait longest when a round is under way", () => {
    const { clock, served, begin } = makeRounds(100);
    begin();
    clock.advance(5);

    begin();
    const before = served.length;
    clock.advance(1000);

    expect(before).toBe(40);
    const rest = served.slice(before);
    expect(rest.map(({ member }) => member)).toEqual([...upTo(100).slice(40), ...upTo(40)]);
    expect(new Set(rest.map(({ value }) => value))).toEqual(new Set([2]));
  });

  test("begin() starves nobody and sends nothing old when rounds come faster than they end", () => {
    const { clock, begin, valuesOf } = makeRounds(1000);

    for (let round = 0; round < 100; round++) {
      begin();
      clock.advance(50);
    }
    clock.advance(1000);

    for (const member of upTo(1000)) {
      const values = valuesOf(member);
      expect(values.length).toBeGreaterThanOrEqual(9);
      expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
      expect(values.at(-1)).toBe(100);
    }
  });

  test("begin() serves larger slices after a timer that came late", () => {
    const { clock, served, begin } = makeRounds(1000);
    begin();
    clock.nowMs += 25;

    clock.advance(0);
    const afterLate = served.length;
    clock.nowMs += 2000;
    clock.advance(0);

    expect(afterLate).toBe(20 + 50);
    // A slice stays short, however late it is.
    expect(served).toHaveLength(20 + 50 + 100);
  });

  test("add() and remove() change who is served while a round is under way", () => {
    const { rounds, clock, begin, valuesOf } = makeRounds(100);
    begin();

    rounds.add(100);
    rounds.remove(50);
    rounds.remove(5);
    clock.advance(1000);
    const during = [100, 50, 5, 99].map(valuesOf);
    begin();
    clock.advance(1000);

    expect(during).toEqual([[], [], [1], [1]]);
    expect([100, 50, 5, 99].map(valuesOf)).toEqual([[2], [], [1], [1, 2]]);
    expect(rounds.size).toBe(99);
  });

  test("begin() serves all when members are removed while they are served", () => {
    const clock = new FakeRoundClock();
    const served: number[] = [];
    const rounds = new Rounds<number>({
      clock,
      spreadMs: SPREAD_MS,
      serve: (member) => {
        served.push(member);
        if (member % 2 === 0) rounds.remove(member);
      },
    });
    for (const member of upTo(60)) rounds.add(member);

    rounds.begin();
    clock.advance(1000);

    expect(served).toEqual(upTo(60));
    expect([...rounds.members()]).toEqual(upTo(60).filter((member) => member % 2 === 1));
    expect(clock.waiting).toBe(0);
  });

  test("stop() serves nobody after it in the middle of a round", () => {
    const { rounds, clock, served, begin } = makeRounds(100);
    begin();

    rounds.stop();
    clock.advance(1000);

    expect(served).toHaveLength(20);
    expect(clock.waiting).toBe(0);
  });
});
