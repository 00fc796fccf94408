/** Ingest is killed, or stopped gently, under load. */
import { isReady } from "../../system/service.ts";
import type { Fault, Trial } from "../fault.ts";

/** Longest time until it is ready again, ms of the clock. */
const READY_MS_MAX = 5000;
/** Longest stop, ms of the clock. */
const STOP_MS_MAX = 15_000;

export const ingestKilled: Fault = {
  name: "ingest-killed",
  title: "kill -9 ingest at random moments",
  isShort: true,
  async run(trial) {
    const { clock } = trial;
    const [ingest] = trial.system.ingests;
    const load = trial.load();
    const kills = trial.isShort ? 5 : 20;
    let slowestMs = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await trial.randomPause(200, 1500);
      await ingest.kill();
      const startedMs = clock.nowMs();
      await ingest.start();
      await untilReady(trial, ingest.url);
      slowestMs = Math.max(slowestMs, clock.nowMs() - startedMs);
      trial.note(`killed ${kill + 1} of ${kills}`);
    }
    await trial.randomPause(300, 600);
    await load.stop();
    trial.hadEffect("kills", kills, kills);
    trial.hadEffect("requests that broke", load.counts.broken);
    trial.demand(
      `ready within 5 s (slowest ${Math.round(slowestMs)} ms)`,
      slowestMs < READY_MS_MAX,
    );
  },
};

export const ingestStopped: Fault = {
  name: "ingest-stopped",
  title: "SIGTERM ingest under load, one of two",
  isShort: false,
  system: { ingests: 2 },
  async run(trial) {
    const rounds = trial.isShort ? 1 : 3;
    const load = trial.load();
    let errorsAfter = 0;
    let slowestMs = 0;
    for (let round = 0; round < rounds; round += 1) {
      await trial.randomPause(500, 1500);
      const { errors, ms } = await stopOne(trial, () => load.counts);
      errorsAfter += errors;
      slowestMs = Math.max(slowestMs, ms);
    }
    await load.stop();
    trial.hadEffect("stops", rounds, rounds);
    trial.demand("no 5xx and no broken request", errorsAfter === 0);
    trial.demand(
      `stopped within 15 s (slowest ${Math.round(slowestMs)} ms)`,
      slowestMs < STOP_MS_MAX,
    );
  },
};

/** Stops the first ingest gently and starts it again. */
async function stopOne(
  trial: Trial,
  counts: () => { unavailable: number; otherErrors: number; broken: number },
): Promise<{ errors: number; ms: number }> {
  const { system, clock } = trial;
  const [ingest] = system.ingests;
  const errorsOf = () => counts().unavailable + counts().otherErrors + counts().broken;
  const before = errorsOf();
  const startedMs = clock.nowMs();
  await ingest.stop();
  const ms = clock.nowMs() - startedMs;
  const errors = errorsOf() - before;
  await ingest.start();
  await untilReady(trial, ingest.url);
  return { errors, ms };
}

async function untilReady({ clock }: Trial, url: string): Promise<void> {
  await clock.eventually(() => isReady({ url }), 2 * READY_MS_MAX);
}
