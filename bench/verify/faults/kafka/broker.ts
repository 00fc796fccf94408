/** Kafka is stopped, killed, cut off. */
import type { Fault } from "../../fault.ts";
import { demandRetryAfter } from "../demands.ts";

/** The deadline of the service, and a second for a busy machine, ms. */
const DEADLINE_MS = 10_000 + 1000;
const RECOVER_MS_MAX = 30_000;

export const brokerStopped: Fault = {
  name: "broker-stopped",
  title: "the broker stopped for 60 s",
  isShort: false,
  async run(trial) {
    const { clock } = trial;
    const { kafka } = trial.system.stack;
    const load = trial.load({ repeatsMax: 0 });
    await trial.randomPause(1000, 2000);
    await kafka.stop();
    trial.note("stopped");
    await Bun.sleep(trial.isShort ? 15_000 : 60_000);
    await kafka.start();
    trial.repaired();
    trial.note("started");
    const before = load.counts.acknowledged;
    const startedMs = clock.nowMs();
    await clock.eventually(() => load.counts.acknowledged > before, RECOVER_MS_MAX);
    const recoveredMs = clock.nowMs() - startedMs;
    await Bun.sleep(1000);
    await load.stop();
    const { counts } = load;
    trial.hadEffect("requests answered 503", counts.unavailable, 10);
    demandRetryAfter(trial, load);
    trial.demand(
      `each 503 within the deadline (slowest ${Math.round(counts.unavailableMsMax)} ms)`,
      // A machine that stands still keeps the answers, too.
      counts.unavailableMsMax < DEADLINE_MS + clock.stallMsMax,
    );
    trial.demand(
      `accepting again within 15 s (${Math.round(recoveredMs)} ms)`,
      recoveredMs < 15_000,
    );
  },
};

export const brokerKilled: Fault = {
  name: "broker-killed",
  title: "kill -9 the broker",
  isShort: true,
  async run(trial) {
    const { clock } = trial;
    const { kafka } = trial.system.stack;
    const load = trial.load();
    const kills = trial.isShort ? 1 : 3;
    let silentMs = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await trial.randomPause(1000, 3000);
      await kafka.kill();
      const before = load.counts.acknowledged;
      const startedMs = performance.now();
      await kafka.start();
      trial.note(`killed ${kill + 1} of ${kills}`);
      await clock.eventually(() => load.counts.acknowledged > before, RECOVER_MS_MAX);
      silentMs = Math.max(silentMs, performance.now() - startedMs);
    }
    trial.repaired();
    await trial.randomPause(1000, 2000);
    await load.stop();
    trial.hadEffect("kills", kills, kills);
    trial.hadEffect("ms without an acknowledgement", Math.round(silentMs), 500);
  },
};
