/** Ingest is killed, or stopped gently, under load. */
import { join } from "node:path";
import { isRunning, runningProcesses, signalProcess } from "@tally/stack/testing";

import { isReady } from "../../../system/service.ts";
import type { Fault, Trial } from "../../fault.ts";

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

const PROCESSES = 3;
/** Longest time until a killed process has been replaced, ms of the clock. */
const REPLACED_MS_MAX = 10_000;
/** Each connection has one request in flight at most. */
const CONNECTIONS = 32;
/** How long a victim stands still, ms: each connection sends at least one request in that time. */
const FROZEN_MS = [50, 150] as const;

export const ingestProcesses: Fault = {
  name: "ingest-processes",
  title: "kill -9 one of three processes of ingest; SIGTERM all of them, one ingest of two",
  isShort: false,
  system: { ingests: 2 },
  options: { INGEST_PROCESSES: String(PROCESSES) },
  async run(trial) {
    const [ingest] = trial.system.ingests;
    const load = trial.load({ connections: CONNECTIONS });
    const errorsOf = () => load.counts.unavailable + load.counts.otherErrors;
    const kills = trial.isShort ? 2 : 8;
    let replaced = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      await trial.randomPause(200, 1000);
      const workers = await workersOf(trial, ingest.name);
      const victim = workers[Math.floor(trial.random() * workers.length)];
      // Frozen first: an answer takes a millisecond or two, so a kill alone may meet no request.
      if (victim === undefined || !signalProcess(victim, "SIGSTOP")) continue;
      await trial.randomPause(...FROZEN_MS);
      if (!signalProcess(victim, "SIGKILL")) continue;
      const isWhole = async () =>
        !(await isRunning(victim)) &&
        (await trial.watch.now(ingest, "ingest_processes")) === PROCESSES;
      if (await trial.clock.eventually(isWhole, REPLACED_MS_MAX)) replaced += 1;
      trial.note(`killed ${kill + 1} of ${kills}`);
    }
    const { broken } = load.counts;
    trial.hadEffect("kills", kills, kills);
    trial.hadEffect("requests that broke", broken);
    trial.demand(`each was replaced within 10 s (${replaced} of ${kills})`, replaced === kills);
    trial.demand("no 5xx while one was killed", errorsOf() === 0);
    const most = kills * CONNECTIONS;
    trial.demand(`only requests of the killed broke (${broken})`, broken < most / 2);
    await untilReady(trial, ingest.url);
    const { errors, ms } = await stopOne(trial, () => load.counts);
    await load.stop();
    trial.demand("no 5xx and no broken request when all stopped", errors === 0);
    trial.demand(`stopped within 15 s (${Math.round(ms)} ms)`, ms < STOP_MS_MAX);
    trial.demand("the supervisor did not end", ingest.crashes === 0);
  },
};

/** Pids of the workers of an ingest. */
async function workersOf({ system }: Trial, name: string): Promise<number[]> {
  const mark = `--stack=${join(system.folder, name)}`;
  const all = await runningProcesses();
  const own = all.filter(({ argv }) => argv.includes(mark));
  return own.flatMap(({ pid, argv }) => (argv.at(-1)?.startsWith("--worker=") ? [pid] : []));
}

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
