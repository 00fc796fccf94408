/** The processor dies at each step of an archive object, and the store fails in every way. */
import type { UploadStep } from "../../../system/s3_proxy.ts";
import type { ServiceProcess } from "../../../system/service.ts";
import type { System } from "../../../system/system.ts";
import { readPositions } from "../../judgement/evidence.ts";
import type { Fault, Trial } from "../../fault.ts";
import { demandNoStalls, demandSteadyRows } from "../demands.ts";

/** Kills the processor at one moment. */
interface Trap {
  readonly name: string;
  arm(processor: ServiceProcess, onSprung: () => void): void;
}

/** Before PostgreSQL gets the first statement of a new process that contains the text. */
function beforeStatement(name: string, text: string): Trap {
  return {
    name,
    arm: ({ postgres, killNow }, onSprung) =>
      postgres?.tap((bytes, direction) => {
        if (direction === "down" || !bytes.includes(text)) return true;
        killNow();
        onSprung();
        return false;
      }),
  };
}

function atUpload(name: string, wanted: UploadStep): Trap {
  return {
    name,
    arm: ({ s3, killNow }, onSprung) =>
      s3?.onStep((step) => {
        if (step !== wanted) return true;
        killNow();
        onSprung();
        return false;
      }),
  };
}

const TRAPS: readonly Trap[] = [
  beforeStatement("before the plan", "insert into archive_objects"),
  atUpload("after the plan", "before"),
  atUpload("during the upload", "during"),
  atUpload("after the upload", "after"),
  beforeStatement("before the confirmation", "update archive_objects set state"),
];

const TRAP_MS_MAX = 30_000;

export const archiveKilled: Fault = {
  name: "archive-killed",
  title: "kill -9 at each step of an archive object",
  isShort: true,
  async run(trial) {
    const [processor] = trial.system.processors;
    const load = trial.load({ eventsPerSecond: 1000 });
    const rounds = trial.isShort ? 1 : 4;
    for (let round = 0; round < rounds; round += 1) {
      for (const trap of TRAPS) await springTrap(trial, trap, processor);
    }
    trial.repaired();
    await load.stop();
  },
};

/** Starts the process for each trap: it sends the text of a statement only once. */
async function springTrap(
  { system, clock, hadEffect }: Trial,
  trap: Trap,
  processor: ServiceProcess,
): Promise<void> {
  await processor.stop();
  let hasSprung = false;
  trap.arm(processor, () => (hasSprung = true));
  await processor.start();
  const isSprung = await clock.eventually(() => hasSprung, TRAP_MS_MAX);
  processor.postgres?.tap(null);
  processor.s3?.onStep(null);
  await clock.eventually(() => processor.pid === undefined, TRAP_MS_MAX);
  const before = await archivedOf(system);
  await processor.start();
  const hasMore = async () => (await archivedOf(system)) > before;
  const continues = await clock.eventually(hasMore, TRAP_MS_MAX);
  hadEffect(`killed ${trap.name}`, isSprung && continues ? 1 : 0);
}

async function archivedOf(system: System): Promise<number> {
  const positions = await readPositions(system);
  return positions
    .filter(({ sink }) => sink === "archive")
    .reduce((sum, { nextOffset }) => sum + nextOffset, 0);
}

export const s3Stopped: Fault = {
  name: "s3-stopped",
  title: "S3 stopped for 2 minutes",
  isShort: true,
  async run(trial) {
    const { system, watch } = trial;
    const { s3 } = system.stack;
    const load = trial.load({ eventsPerSecond: 1000 });
    await trial.randomPause(2000, 3000);
    await s3.stop();
    trial.note("stopped");
    watch.resetStalls();
    const before = await archivedOf(system);
    await Bun.sleep(trial.isShort ? 20_000 : 120_000);
    const stallMs = watch.longestStallMs;
    const archived = (await archivedOf(system)) - before;
    await s3.start();
    trial.repaired();
    await Bun.sleep(1000);
    await load.stop();
    trial.hadEffect("uploads that failed", watch.total("processor_write_errors_total"));
    trial.demand("nothing was archived meanwhile", archived === 0);
    demandSteadyRows(trial, stallMs);
    demandNoStalls(trial);
  },
};

export const s3Failing: Fault = {
  name: "s3-failing",
  title: "S3 answers 500, 503 SlowDown, resets, takes 30 s a PUT",
  isShort: false,
  async run(trial) {
    const [processor] = trial.system.processors;
    if (processor.s3 === null) throw new Error("Cannot make S3 fail: it has no proxy");
    const { s3 } = processor;
    const lastsMs = trial.isShort ? 4000 : 10_000;
    const load = trial.load({ eventsPerSecond: 1000 });
    await trial.randomPause(2000, 3000);
    trial.watch.resetStalls();
    const modes = [
      ["500s", { kind: "answer", status: 500, code: "InternalError" }, lastsMs],
      ["SlowDown", { kind: "answer", status: 503, code: "SlowDown" }, lastsMs],
      ["resets", { kind: "reset" }, lastsMs],
      ["30 s a PUT", { kind: "slow", delayMs: 30_000 }, trial.isShort ? 8000 : 45_000],
    ] as const;
    for (const [name, mode, ms] of modes) {
      const before = s3.interventions;
      s3.set(mode);
      await Bun.sleep(ms);
      trial.hadEffect(`requests with ${name}`, s3.interventions - before);
    }
    s3.set({ kind: "pass" });
    trial.repaired();
    const stallMs = trial.watch.longestStallMs;
    await load.stop();
    demandSteadyRows(trial, stallMs);
  },
};
