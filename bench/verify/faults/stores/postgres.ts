/** PostgreSQL stops, restarts, and refuses writes for reasons that are no fault of a row. */
import type { System } from "../../../system/system.ts";
import { readPositions } from "../../judgement/evidence.ts";
import type { Fault, Trial } from "../../fault.ts";
import { readLag } from "../../judgement/quiet.ts";
import { demandNoStalls, demandSteadyIngest } from "../demands.ts";
import { REFUSALS, type Refusal } from "./refusals.ts";

/** Catching up must be this many times faster than the load, in machine time. */
const CATCH_UP_FACTOR = 3;
const RATE = 1500;

export const postgresStopped: Fault = {
  name: "postgres-stopped",
  title: "PostgreSQL stopped for 2 minutes",
  isShort: false,
  async run(trial) {
    const { system } = trial;
    const { postgres } = system.stack;
    const load = trial.load({ eventsPerSecond: RATE });
    await trial.randomPause(1000, 2000);
    const before = { ...load.counts };
    await postgres.stop();
    trial.note("stopped");
    await Bun.sleep(trial.isShort ? 20_000 : 120_000);
    const acknowledged = load.counts.acknowledged - before.acknowledged;
    const refused = load.counts.unavailable - before.unavailable;
    await postgres.start();
    trial.note("started");
    const rate = await catchUp(trial);
    trial.repaired();
    await load.stop();
    trial.hadEffect("events acknowledged meanwhile", acknowledged, RATE);
    trial.demand("ingest continued to answer 202", refused === 0 && load.counts.broken === 0);
    trial.demand(
      `catch-up above ${CATCH_UP_FACTOR} times the load (${Math.round(rate)} events/s)`,
      rate > CATCH_UP_FACTOR * RATE,
    );
    demandNoStalls(trial);
  },
};

/** Events per second of the clock: from the first new row until the lag is below a second of it. */
async function catchUp(trial: Trial): Promise<number> {
  const { system, clock } = trial;
  const first = await eventuallyRows(trial);
  const startedMs = clock.nowMs();
  const isNear = async () => ((await readLag(system))?.postgres ?? Infinity) < RATE;
  await clock.eventually(isNear, 120_000);
  const rows = (await rowsOf(system)) - first;
  return (rows * 1000) / Math.max(1, clock.nowMs() - startedMs);
}

async function eventuallyRows({ system, clock }: Trial): Promise<number> {
  let first: number | null = null;
  let now = 0;
  await clock.eventually(async () => {
    now = await rowsOf(system).catch(() => 0);
    if (now > 0) first ??= now;
    return first !== null && now > first;
  }, 60_000);
  return now;
}

async function rowsOf(system: System): Promise<number> {
  const positions = await readPositions(system);
  return positions
    .filter(({ sink }) => sink === "postgres")
    .reduce((sum, { events }) => sum + events, 0);
}

export const postgresRestarted: Fault = {
  name: "postgres-restarted",
  title: "PostgreSQL restarted in the middle of statements",
  isShort: true,
  async run(trial) {
    const { postgres } = trial.system.stack;
    const rounds = trial.isShort ? 3 : 6;
    const load = trial.load();
    for (let round = 0; round < rounds; round += 1) {
      await trial.randomPause(800, 2000);
      // Every second round is a crash, after which the server has to recover.
      await (round % 2 === 0 ? postgres.stop() : postgres.kill());
      await postgres.start();
      trial.note(`restarted ${round + 1} of ${rounds}`);
    }
    trial.repaired();
    await trial.randomPause(500, 1000);
    await load.stop();
    trial.hadEffect("restarts", rounds, rounds);
    trial.hadEffect("writes that failed", trial.watch.total("processor_write_errors_total"));
    demandSteadyIngest(trial, load);
  },
};

export const postgresRefuses: Fault = {
  name: "postgres-refuses",
  title: "read-only, revoked right, missing table, timeouts, full disk",
  isShort: false,
  async run(trial) {
    const load = trial.load({ eventsPerSecond: 500 });
    await trial.randomPause(1000, 1500);
    for (const refusal of REFUSALS) await refuseFor(trial, refusal);
    trial.repaired();
    await load.stop();
    demandSteadyIngest(trial, load);
  },
};

/** How long each refusal lasts, ms: longer than the timeout of a statement. */
const REFUSAL_MS = 6500;
const PAUSE_SEEN_MS_MAX = 15_000;

async function refuseFor(
  { system, watch, clock, hadEffect, note }: Trial,
  refusal: Refusal,
): Promise<void> {
  const [processor] = system.processors;
  const errors = () => watch.now(processor, "processor_write_errors_total");
  const isPaused = async () => (await watch.now(processor, "processor_paused")) > 0;
  const before = await errors();
  const undo = await refusal.begin(system);
  if (undo === null) {
    note(`${refusal.name}: can't be made on this machine, left out`);
    return;
  }
  const wasPaused = await clock.eventually(isPaused, PAUSE_SEEN_MS_MAX);
  await clock.sleep(REFUSAL_MS);
  const count = (await errors()) - before;
  await undo();
  const isOver = await clock.eventually(async () => !(await isPaused()), PAUSE_SEEN_MS_MAX);
  hadEffect(`${refusal.name}: writes refused`, wasPaused && isOver ? count : 0);
}
