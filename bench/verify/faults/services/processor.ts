/** Processors are killed, frozen, started and stopped. */
import type { ServiceProcess } from "../../../system/service.ts";
import { SESSION_MS, type Fault, type Trial } from "../../fault.ts";

export const processorKilled: Fault = {
  name: "processor-killed",
  title: "kill -9 the processor at random moments",
  isShort: true,
  recoveryMsMax: 30_000,
  async run(trial) {
    const [processor] = trial.system.processors;
    const load = trial.load();
    const kills = trial.isShort ? 10 : 50;
    let writing = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      // Some kills hit a start, some a write. A new processor writes only after its predecessor's
      // session has expired.
      if (trial.random() < WRITING_SHARE) await untilWriting(trial, processor);
      await trial.randomPause(100, 1000);
      if (await isWriting(trial, processor)) writing += 1;
      await processor.kill();
      await processor.start();
      trial.note(`killed ${kill + 1} of ${kills}, ${writing} of them while it wrote`);
    }
    trial.repaired();
    await load.stop();
    trial.hadEffect("kills", kills, kills);
    trial.hadEffect(
      "kills in the middle of writes",
      writing,
      Math.ceil((kills * WRITING_SHARE) / 3),
    );
  },
};

/** Share of the kills that wait until the processor writes. */
const WRITING_SHARE = 0.5;

async function isWriting({ watch }: Trial, processor: ServiceProcess): Promise<boolean> {
  return (await watch.now(processor, "processor_rows_total")) > 0;
}

async function untilWriting(trial: Trial, processor: ServiceProcess): Promise<void> {
  await trial.clock.eventually(() => isWriting(trial, processor), SESSION_MS * 4);
}

export const processorFrozen: Fault = {
  name: "processor-frozen",
  title: "SIGSTOP a processor beyond its session, another takes over, SIGCONT",
  isShort: true,
  system: { processors: 1 },
  async run(trial) {
    const [frozen] = trial.system.processors;
    if (frozen.postgres === null) throw new Error("Cannot cut the frozen one: no proxy");
    const load = trial.load();
    await trial.randomPause(1000, 2000);
    // Its statements are held back when it freezes, and arrive when it is no longer the owner.
    frozen.postgres.set({ kind: "hold", direction: "up" });
    await Bun.sleep(HOLD_MS);
    frozen.freeze();
    const other = await trial.system.addProcessor();
    const rowsBefore = await trial.watch.now(other, "processor_rows_total");
    const isTaken = await trial.clock.eventually(
      async () => (await trial.watch.now(other, "processor_rows_total")) > rowsBefore,
      SESSION_MS * 4,
    );
    trial.demand("the other one took over", isTaken);
    frozen.postgres.set({ kind: "pass" });
    frozen.thaw();
    trial.note("thawed");
    const isFenced = await trial.clock.eventually(
      async () => (await trial.watch.now(frozen, "processor_fence_hits_total")) > 0,
      SESSION_MS * 2,
    );
    trial.repaired();
    await trial.randomPause(500, 1000);
    await load.stop();
    const hits = await trial.watch.now(frozen, "processor_fence_hits_total");
    trial.hadEffect("writes of the frozen one refused", isFenced ? hits : 0);
  },
};

/** Long enough for every partition to send a statement, ms; chosen. */
const HOLD_MS = 300;

export const processorsScaled: Fault = {
  name: "processors-scaled",
  title: "processors 1 -> 4 -> 2 -> 3, every 10 s",
  isShort: false,
  async run(trial) {
    const { system, watch } = trial;
    const stepMs = trial.isShort ? 5000 : 10_000;
    const load = trial.load();
    await Bun.sleep(stepMs / 2);
    watch.resetStalls();
    for (let count = 0; count < 3; count += 1) await system.addProcessor();
    trial.note("four");
    await Bun.sleep(stepMs);
    const [, second, third] = system.processors;
    await Promise.all([second?.stop(), third?.stop()]);
    trial.note("two");
    await Bun.sleep(stepMs);
    await second?.start();
    trial.note("three");
    await Bun.sleep(stepMs);
    trial.demand(
      `no partition stalls longer than session + 5 s (longest ${Math.round(watch.longestStallMs)} ms)`,
      watch.longestStallMs < SESSION_MS + 5000,
    );
    trial.repaired();
    await load.stop();
    trial.hadEffect("rebalances", watch.total("processor_rebalances_total"), 8);
  },
};
