import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import type { KeySet } from "@tally/shared/keys";
import { createKeySet } from "@tally/shared/keys/testing";
import { KeyWatch, type KeyReads } from "./key_watch.ts";

/** A watch over a database that the test controls. */
function createWatch(staleMsMax = 10_000) {
  let stored = createKeySet({ name: "first" }).set;
  let failure: unknown = null;
  let nowMs = 1_000_000;
  const calls: string[] = [];
  const states: unknown[] = [];
  const refusals: boolean[] = [];
  const confirmed: KeySet[] = [];
  const answer = async (call: string, text: string): Promise<string> => {
    calls.push(call);
    if (failure !== null) throw failure;
    return text;
  };
  const reads: KeyReads = {
    readVersion: () => answer("version", stored.version),
    readAll: () => answer("all", stored.toJson()),
  };
  const watch = new KeyWatch({
    reads,
    now: () => nowMs,
    staleMsMax,
    onConfirmed: async (set) => void confirmed.push(set),
    onState: (state) => states.push(state),
    onRefusing: (isRefusing) => refusals.push(isRefusing),
  });
  return {
    watch,
    calls,
    states,
    refusals,
    confirmed,
    store: (set: KeySet) => (stored = set),
    fail: (error: unknown) => (failure = error),
    pass: (ms: number) => (nowMs += ms),
  };
}

const AWAY = new PipelineError("database_unavailable", "away");

describe("KeyWatch.look()", () => {
  test("reads all at first, and afterwards only when the version has moved", async () => {
    const { watch, calls, store } = createWatch();
    expect(watch.current).toBeNull();

    await watch.look();
    await watch.look();
    const before = watch.current;
    store(createKeySet({ name: "second" }).set);
    await watch.look();

    expect(calls).toEqual(["all", "version", "version", "all"]);
    expect([before?.version, watch.current?.version].toSorted()).not.toEqual([null, null]);
    expect([...(watch.current?.keys() ?? [])].map(({ name }) => name)).toEqual(["second"]);
  });

  test("keeps what it knows while reads fail, and tells the first failure and the end", async () => {
    const { watch, fail, states } = createWatch();
    await watch.look();
    const known = watch.current;

    fail(AWAY);
    await watch.look();
    await watch.look();
    const during = [watch.current, watch.failure];
    fail(null);
    await watch.look();

    expect(during).toEqual([known, AWAY]);
    expect(states).toEqual([AWAY, null]);
    expect(watch.failure).toBeNull();
  });

  test("tells a failure of another kind", async () => {
    const { watch, fail, states } = createWatch();
    const refused = new PipelineError("database_misconfigured", "refused");

    fail(AWAY);
    await watch.look();
    fail(refused);
    await watch.look();

    expect(states).toEqual([AWAY, refused]);
  });

  test("reads all after a failure, because the database may be another one", async () => {
    const { watch, calls, fail } = createWatch();
    await watch.look();
    fail(AWAY);
    await watch.look();

    fail(null);
    await watch.look();

    expect(calls).toEqual(["all", "version", "all"]);
  });

  test("knows nothing when keys were not confirmed for too long, until they are again", async () => {
    const { watch, fail, pass } = createWatch(10_000);
    await watch.look();
    fail(AWAY);

    pass(10_000);
    await watch.look();
    const inTime = watch.current;
    pass(1);
    await watch.look();
    const late = [watch.current, watch.isStale];
    fail(null);
    await watch.look();

    expect(inTime).not.toBeNull();
    expect(late).toEqual([null, true]);
    expect([watch.current === null, watch.isStale]).toEqual([false, false]);
  });

  test("tells once that the keys have become too old, and that they are known again", async () => {
    const { watch, fail, pass, refusals } = createWatch(10_000);
    await watch.look();
    fail(AWAY);
    await watch.look();
    const before = [...refusals];

    pass(10_001);
    await watch.look();
    await watch.look();
    const during = [...refusals];
    fail(null);
    await watch.look();

    expect([before, during, refusals]).toEqual([[], [true], [true, false]]);
  });

  test("tells that no keys are known after the first look", async () => {
    const { watch, fail, refusals } = createWatch();
    fail(AWAY);

    await watch.look();

    expect(refusals).toEqual([true]);
  });

  test("a version that is confirmed makes keys young again", async () => {
    const { watch, fail, pass, confirmed } = createWatch(10_000);
    await watch.look();
    pass(9000);
    await watch.look();
    fail(AWAY);
    pass(9000);
    await watch.look();

    expect(watch.current).not.toBeNull();
    expect(confirmed).toHaveLength(2);
  });

  test("takes what is no set of keys for a failure", async () => {
    const { watch } = createWatch();
    const broken = new KeyWatch({
      reads: { readVersion: async () => "1", readAll: async () => "{}" },
      now: () => 0,
      staleMsMax: 1,
      onState: () => undefined,
      onRefusing: () => undefined,
    });

    await broken.look();

    expect(broken.current).toBeNull();
    expect(broken.failure).toMatchObject({ code: "internal" });
    expect(watch.failure).toBeNull();
  });
});

describe("KeyWatch.seed()", () => {
  test("keys of that age are known before the first look", async () => {
    const { watch, fail, pass } = createWatch(10_000);
    const { set } = createKeySet({});

    watch.seed(set, 9000);
    const seeded = watch.current;
    fail(AWAY);
    pass(1001);
    await watch.look();

    expect([seeded, watch.current]).toEqual([set, null]);
  });

  test("keys that are too old are not known", () => {
    const { watch, refusals } = createWatch(10_000);

    watch.seed(createKeySet({}).set, 10_001);

    expect([watch.current, watch.isStale]).toEqual([null, true]);
    expect(refusals).toEqual([]);
  });
});

test("KeyWatch.run() ends when the signal is aborted", async () => {
  const { watch, calls } = createWatch();
  const stopping = new AbortController();

  const running = watch.run(stopping.signal);
  stopping.abort();
  await running;

  expect(calls).toEqual([]);
});
