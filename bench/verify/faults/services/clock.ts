/** The wall clocks of the processor and of an ingest jump, back and forward, under load. */
import type { MetricsFrame } from "@tally/shared";

import { framesOf } from "../../../driver/frames.ts";
import { findClockLibrary } from "../../../system/faked_clock.ts";
import { OBJECT_AGE_MS, PARTITIONS } from "../../../system/system.ts";
import type { ServiceProcess } from "../../../system/service.ts";
import type { Fault, Trial } from "../../fault.ts";
import type { Load } from "../../sending/load.ts";
import { demandRetryAfter } from "../demands.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Of the processor's clock, seconds from the true time. */
const PROCESSOR_JUMPS = [0, HOUR, -HOUR, 0, DAY, -DAY, 0];
/** Of an ingest's clock: what Kafka takes. It refuses times over an hour ahead. */
const ACCEPTED_JUMPS = [-HOUR, 50 * 60, -DAY];
const REFUSED_JUMP = 2 * HOUR;

/** How long a clock stays wrong: several rotations of the archive, ms of the machine's clock. */
const HOLD_MS = 7000;
/** A batch that waited for the clock would wait for an hour. */
const STALL_MS_MAX = 5000;
/** A jump takes effect within a second; what was in flight is written after that, ms. */
const SETTLE_MS = 1500;
/** As in the promises: the archive has an event after its rotation and 10 s. */
const WAIT_SECONDS_MAX = OBJECT_AGE_MS / 1000 + 10;
/** Rows that wait for more than a moment at the rate of the load. */
const WAITING_ROWS_MIN = 200;
const EVENTS_PER_SECOND = 1000;

export const clockJumps: Fault = {
  name: "clock-jumps",
  title: "the clock of processor or ingest jumps an hour or a day, either way",
  isShort: false,
  system: { ingests: 2 },
  hasSettableClocks: true,
  lacks: async () =>
    (await findClockLibrary()) === null
      ? "It sets clocks with libfaketime: install your system's package of that name."
      : null,
  async run(trial) {
    const [processor] = trial.system.processors;
    const load = trial.load({ eventsPerSecond: EVENTS_PER_SECOND });
    await trial.randomPause(2000, 3000);
    for (const seconds of PROCESSOR_JUMPS) await jumpProcessor(trial, seconds);
    await processor.clock?.set(0);
    for (const seconds of ACCEPTED_JUMPS) await jumpIngest(trial, seconds);
    await refuseIngest(trial, load);
    trial.repaired();
    await trial.randomPause(1000, 2000);
    await load.stop();
    await proveJumps(trial);
    trial.demand("no answer was a 500", load.counts.otherErrors === 0);
    demandRetryAfter(trial, load);
  },
};

async function jumpProcessor(trial: Trial, seconds: number): Promise<void> {
  const { system, watch, clock, note, demand } = trial;
  const [processor] = system.processors;
  const name = `processor at ${named(seconds)}`;
  await processor.clock?.set(seconds);
  note(name);
  await clock.sleep(SETTLE_MS);
  watch.resetStalls();
  const watched = await watchFrames(trial, name);
  const { frames } = watched;
  const stallMs = Math.round(watch.longestStallMs);
  demand(`${name}: rows move on (longest stall ${stallMs} ms)`, stallMs < STALL_MS_MAX);
  demandSaneFrames(trial, watched);
  const trueMs = trial.nowMs();
  const completeMs = Date.parse(frames.at(-1)?.completeUpTo ?? "");
  demand(
    `${name}: complete up to the true time (${Math.round((trueMs - completeMs) / 1000)} s before)`,
    // After a jump back, Kafka's client has been seen to leave the ends of the log unanswered.
    trueMs - completeMs > -1000 &&
      (seconds < 0 || trueMs - completeMs < clock.wallMs(WAIT_SECONDS_MAX * 1000)),
  );
}

async function jumpIngest(trial: Trial, seconds: number): Promise<void> {
  const [ingest] = trial.system.ingests;
  const name = `ingest at ${named(seconds)}`;
  await ingest.clock?.set(seconds);
  trial.note(name);
  await trial.clock.sleep(SETTLE_MS);
  const watched = await watchFrames(trial, name);
  // The receive times are wrong, and so are latencies that are counted from them.
  demandSaneFrames(trial, { ...watched, isReceiveTimeWrong: true });
}

/** An ingest that is too far ahead refuses, says so, and works again once its clock is right. */
async function refuseIngest(trial: Trial, load: Load): Promise<void> {
  const { system, clock, hadEffect, demand, watch } = trial;
  const [ingest] = system.ingests;
  const before = load.counts.unavailable;
  await ingest.clock?.set(REFUSED_JUMP);
  await clock.sleep(SETTLE_MS + HOLD_MS);
  hadEffect("503s of the ingest that is ahead", load.counts.unavailable - before, 5);
  const lines = await linesOf(ingest, "Kafka refused events");
  demand(`one log line says why (${lines.length})`, lines.length === 1);
  demand(
    "the line names the clock",
    lines.some((line) => line.includes("Set the clock")),
  );
  await ingest.clock?.set(0);
  await clock.sleep(SETTLE_MS);
  const accepted = () => watch.now(ingest, "ingest_events_accepted_total");
  const stored = await accepted();
  const isMore = async () => (await accepted()) > stored;
  demand("it accepts again", await clock.eventually(isMore, 15_000));
}

/** Proves from what is stored and logged that the services believed the wrong clocks. */
async function proveJumps({ system, hadEffect }: Trial): Promise<void> {
  const [processor] = system.processors;
  const [row] = await system.sql<{ back: number; ahead: number }[]>`
    select count(*) filter (where received_at < now() - interval '30 minutes')::integer as back,
      count(*) filter (where received_at > now() + interval '10 minutes')::integer as ahead
    from web_events`;
  hadEffect("rows from a clock that was set back", row?.back ?? 0, EVENTS_PER_SECOND);
  hadEffect("rows from a clock that is ahead", row?.ahead ?? 0, EVENTS_PER_SECOND);
  const lines = await linesOf(processor, "The clock of this machine jumped");
  hadEffect("times that the processor noticed its clock", lines.length, 2);
}

/** Keeps the frames of `HOLD_MS`. */
async function watchFrames({ system, clock }: Trial, name: string): Promise<Watched> {
  const [{ url }] = system.processors;
  const [startedMs, wallStartedMs] = [clock.nowMs(), performance.now()];
  const frames: MetricsFrame[] = [];
  for await (const frame of framesOf(url, clock.timeout(HOLD_MS))) frames.push(frame);
  const wallHeldMs = performance.now() - wallStartedMs;
  return { name, frames, heldMs: clock.nowMs() - startedMs, wallHeldMs };
}

interface Watched {
  readonly name: string;
  readonly frames: readonly MetricsFrame[];
  /** For how long they were kept, ms of the machine's clock. */
  readonly heldMs: number;
  readonly wallHeldMs: number;
  readonly isReceiveTimeWrong?: boolean;
}

/** No age is wrong, no alarm is raised, and objects close at the pace of the monotonic clock. */
function demandSaneFrames({ clock, demand }: Trial, watched: Watched): void {
  const { name, frames, heldMs, wallHeldMs, isReceiveTimeWrong = false } = watched;
  // Ages are those of the wall: they hold the time in which the machine did nothing.
  const secondsMax = clock.wallMs(WAIT_SECONDS_MAX * 1000 + heldMs) / 1000 - heldMs / 1000;
  const most = (figure: (frame: MetricsFrame) => number) => Math.max(0, ...frames.map(figure));
  const lag = most(({ partitions }) => greatest(partitions.map(({ lagSeconds }) => lagSeconds)));
  const archiveLag = most(({ partitions }) =>
    greatest(partitions.map(({ archiveLagSeconds }) => archiveLagSeconds)),
  );
  const oldest = most(({ archive }) => archive.oldestUnarchivedSeconds ?? 0);
  const latency = isReceiveTimeWrong ? 0 : most(({ latencyMs }) => latencyMs.p99 ?? 0);
  const ages = [lag, archiveLag, oldest, latency / 1000];
  demand(
    `${name}: lag, archive lag, oldest, latency: ${ages.map((age) => age.toFixed(1)).join(", ")} s`,
    ages.every((age) => age < secondsMax),
  );
  const zeros = frames.filter(
    (frame) => waitingRows(frame) > WAITING_ROWS_MIN && frame.archive.oldestUnarchivedSeconds === 0,
  );
  demand(`${name}: no age of 0 while rows wait (${zeros.length})`, zeros.length === 0);
  const alarms = frames.filter(({ partitions }) =>
    partitions.some(({ nearsRetention, stopped }) => nearsRetention.length > 0 || stopped !== null),
  );
  demand(`${name}: no alarm (${alarms.length})`, alarms.length === 0);
  const objects = (frames.at(-1)?.archive.objects ?? 0) - (frames[0]?.archive.objects ?? 0);
  // The age is that of the wall; a machine with little time closes fewer.
  const expected = (ms: number) => Math.round((PARTITIONS * ms) / OBJECT_AGE_MS);
  const [fewest, greatestNumber] = [expected(heldMs / 3), expected(wallHeldMs * 3)];
  demand(
    `${name}: ${objects} objects closed, ${fewest} to ${greatestNumber} expected`,
    objects > fewest && objects < greatestNumber,
  );
}

/** Rows that the archive has not reached. */
function waitingRows({ partitions }: MetricsFrame): number {
  return partitions.reduce(
    (sum, { stored, archived }) => sum + Math.max(0, Number(stored ?? 0) - Number(archived ?? 0)),
    0,
  );
}

function greatest(values: readonly (number | null)[]): number {
  return Math.max(0, ...values.map((value) => value ?? 0));
}

async function linesOf({ logPath }: ServiceProcess, text: string): Promise<string[]> {
  return (await Bun.file(logPath).text()).split("\n").filter((line) => line.includes(text));
}

function named(seconds: number): string {
  return seconds === 0 ? "the true time" : `${seconds > 0 ? "+" : ""}${seconds / 60} min`;
}
