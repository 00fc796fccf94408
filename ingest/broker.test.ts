import { silentLog } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { watchBroker } from "./broker.ts";
import { until } from "./testing/faked_ingest.ts";

/** Watches a broker that answers what the test says, every few milliseconds. */
function watch(isReachable: () => Promise<boolean>) {
  return watchBroker({
    producer: { isReachable },
    probeIntervalMs: 2,
    probeTimeoutMs: 100,
    log: silentLog(),
  });
}

describe("watchBroker()", () => {
  test("knows the state at once and follows its changes", async () => {
    let answer = false;
    const broker = await watch(() => Promise.resolve(answer));

    expect(broker.isReachable).toBe(false);
    answer = true;
    await until(() => broker.isReachable);
    answer = false;
    await until(() => !broker.isReachable);
    broker.stop();
  });

  test("trusts an acknowledgement more than a probe without an answer", async () => {
    let probes = 0;
    const broker = await watch(() => {
      if (probes++ > 0) broker.noteAcknowledged();
      return Promise.resolve(probes === 1);
    });

    await until(() => probes > 5);

    expect(broker.isReachable).toBe(true);
    broker.stop();
  });

  test("is unreachable from the first missing acknowledgement to the next good probe", async () => {
    const asked = Promise.withResolvers<boolean>();
    let isFirst = true;
    const broker = await watch(() => {
      if (!isFirst) return asked.promise;
      isFirst = false;
      return Promise.resolve(true);
    });

    broker.noteUnavailable();
    expect(broker.isReachable).toBe(false);
    asked.resolve(true);

    await until(() => broker.isReachable);
    broker.stop();
  });

  test("sends no probe after stop()", async () => {
    let probes = 0;
    const broker = await watch(() => Promise.resolve(++probes > 0));

    broker.stop();
    const before = probes;
    // Nothing can be waited for here: the pause is many times the interval.
    await Bun.sleep(20);

    expect(probes).toBe(before);
  });
});
