import { type MonotonicMs } from "@tally/shared";
import { describe, expect, jest, test } from "bun:test";
import { BodyReads, type BodyRead, type BodyReadLimits } from "./body_reads.ts";

const LIMITS: BodyReadLimits = {
  readsMax: 4,
  bytesMax: 4000,
  peerReadsMax: 4,
  peerBytesMax: 4000,
  bytesPerSecondMin: 1000,
};

function harness(limits: Partial<BodyReadLimits> = {}) {
  let nowMs = 0;
  const reads = new BodyReads({ ...LIMITS, ...limits }, () => nowMs as MonotonicMs);
  const stopped: string[] = [];
  return {
    reads,
    stopped,
    wait(ms: number): void {
      nowMs += ms;
      reads.sweep();
    },
    /** Waits without looking at who is too slow. */
    pass(ms: number): void {
      nowMs += ms;
    },
    begin(name: string, peer = "a", bytesExpected = 0): BodyRead | null {
      const onStopped = (code: string) => stopped.push(`${name}: ${code}`);
      return reads.begin({ peer: () => peer, bytesExpected, onStopped });
    },
  };
}

describe("a least rate", () => {
  test("BodyReads stops a body that is silent for 3 s, at its begin or later", () => {
    const { begin, wait, stopped, reads } = harness();
    begin("silent");
    const late = begin("late");
    wait(2999);
    late?.keep(4000);
    expect(stopped).toEqual([]);

    wait(1);
    expect(stopped).toEqual(["silent: body_too_slow"]);
    wait(2999);

    expect(stopped).toEqual(["silent: body_too_slow", "late: body_too_slow"]);
    expect(reads.count).toBe(0);
  });

  test("BodyReads stops no body for the time in which the process stood still", () => {
    jest.useFakeTimers();
    const { begin, pass, stopped } = harness();
    const sweepAfter = (ms: number): void => {
      pass(ms);
      jest.advanceTimersByTime(250);
    };
    begin("body");

    // A timer of 250 ms that fires ten seconds later.
    sweepAfter(10_000);
    expect(stopped).toEqual([]);
    for (let sweep = 0; sweep < 12; sweep++) sweepAfter(250);
    jest.useRealTimers();

    expect(stopped).toEqual(["body: body_too_slow"]);
  });

  test("BodyReads lets bodies give way as before after the process stood still", () => {
    jest.useFakeTimers();
    const { begin, pass, stopped } = harness();
    const stalled = begin("stalled");
    pass(980);
    stalled?.keep(4000);
    pass(20);
    jest.advanceTimersByTime(250);
    jest.useRealTimers();

    pass(20);
    const honest = begin("honest");

    expect(honest?.keep(1)).toBe(true);
    expect(stopped).toEqual(["stalled: overloaded"]);
  });

  test("BodyReads stops a body that trickles below the rate, and none at the rate", () => {
    const { begin, wait, stopped } = harness({ bytesMax: 1_000_000, peerBytesMax: 1_000_000 });
    const trickle = begin("trickle");
    const steady = begin("steady");

    for (let seconds = 0; seconds < 60; seconds++) {
      trickle?.keep(500);
      steady?.keep(1000);
      wait(1000);
    }

    expect(stopped).toEqual(["trickle: body_too_slow"]);
  });

  test("BodyReads gives a body that is read in one piece the time that its length needs", () => {
    const { begin, wait, stopped } = harness();
    begin("small", "a", 2000);

    wait(4999);
    expect(stopped).toEqual([]);
    wait(1);

    expect(stopped).toEqual(["small: body_too_slow"]);
  });
});

describe("a bound", () => {
  test("BodyReads lets the longest stalled body give way when there are too many", () => {
    const { begin, pass, stopped, reads } = harness();
    const first = begin("first");
    for (const name of ["second", "third", "fourth"]) {
      pass(100);
      begin(name);
    }
    pass(100);
    first?.keep(1000);

    expect(begin("new")).not.toBeNull();

    expect(stopped).toEqual(["second: overloaded"]);
    expect(reads.count).toBe(4);
  });

  test("BodyReads lets the oldest of bodies that came at once give way to a new one", () => {
    const { begin, stopped } = harness();
    for (const name of ["first", "second", "third", "fourth"]) begin(name, "a", 5000);

    expect([begin("fifth"), begin("sixth")]).not.toContain(null);

    expect(stopped).toEqual(["first: overloaded", "second: overloaded"]);
  });

  test("BodyReads lets stalled bodies give way to bytes that arrive, as many as it takes", () => {
    const { begin, pass, stopped } = harness();
    begin("first")?.keep(1500);
    begin("second")?.keep(1500);
    pass(100);
    const third = begin("third");

    expect(third?.keep(1000)).toBe(true);
    expect(stopped).toEqual([]);
    expect(third?.keep(3000)).toBe(true);

    expect(stopped).toEqual(["first: overloaded", "second: overloaded"]);
  });

  test("BodyReads takes a body for stalled after 20 ms without a byte", () => {
    const { begin, pass } = harness();
    begin("first")?.keep(4000);
    const second = begin("second");

    pass(19);
    expect(second?.keep(1)).toBe(false);
    pass(1);
    expect(second?.keep(1)).toBe(true);
  });

  test("BodyReads refuses bytes beyond the bound when nothing is stalled, and of a stopped body", () => {
    const { begin, pass } = harness();
    const first = begin("first");
    expect(first?.keep(4000)).toBe(true);
    expect(first?.keep(1)).toBe(false);
    pass(100);

    expect(begin("second")?.keep(1)).toBe(true);

    expect(first?.keep(0)).toBe(false);
  });

  test("BodyReads releases what a body has reserved, once, however it ends", () => {
    const { begin, reads } = harness();
    const read = begin("first");
    read?.keep(4000);
    read?.end();
    read?.end();

    const next = begin("second");

    expect([next?.keep(4000), next?.keep(1), reads.count]).toEqual([true, false, 1]);
  });

  test("BodyReads bounds a /64 of IPv6 like one address", () => {
    const { begin, pass, stopped } = harness({ peerReadsMax: 2 });
    begin("first", "2001:db8::1");
    begin("second", "2001:db8::2");
    begin("other", "2001:db8:0:1::1");
    pass(100);

    begin("third", "2001:0db8:0:0:ffff::3");

    expect(stopped).toEqual(["first: overloaded"]);
  });

  test("BodyReads bounds what one address holds, and lets only its own bodies give way", () => {
    const { begin, pass, stopped } = harness({ peerReadsMax: 2, peerBytesMax: 2000 });
    begin("other", "b")?.keep(1500);
    begin("first", "a");
    const second = begin("second", "a");
    pass(100);

    expect(begin("third", "a")).not.toBeNull();
    expect(stopped).toEqual(["first: overloaded"]);
    expect(second?.keep(2001)).toBe(false);

    expect(begin("fourth", "b")).not.toBeNull();
    expect(stopped).toEqual(["first: overloaded"]);
  });
});
