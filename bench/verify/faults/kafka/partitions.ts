/** Partitions are added to the topic under load: nobody may claim to know them too early. */
import { sleep } from "@tally/shared";

import { framesOf } from "../../../driver/frames.ts";
import { PARTITIONS, type System } from "../../../system/system.ts";
import { readHighWatermarks, readPositions } from "../../judgement/evidence.ts";
import type { Fault, Trial } from "../../fault.ts";
import { untilQuiet } from "../../judgement/quiet.ts";
import {
  judgeClaim,
  leastLag,
  LOOK_AGE_MS_MAX,
  mustKnow,
  type Claim,
  type SeenEnds,
  type WrongClaims,
} from "./claims.ts";
import { demandNoStalls } from "../demands.ts";

const GROWN_PARTITIONS = 2 * PARTITIONS;
/** Rows of new partitions, and a frame that shows these, must be there this soon. */
const NOTICED_MS_MAX = 10_000;
const WATCH_MS_MAX = 30_000;
const SAMPLE_MS = 200;
/** The processor sleeps while ingest writes into new partitions; shorter than its session. */
const FROZEN_MS = 3000;
/** Frames come every second: one that must know new partitions follows soon after that time. */
const JUDGED_MS_MAX = LOOK_AGE_MS_MAX + 5000;

export const partitionsAdded: Fault = {
  name: "partitions-added",
  title: `partitions added under load, ${PARTITIONS} -> ${GROWN_PARTITIONS}`,
  isShort: false,
  async run(trial) {
    const { system, clock } = trial;
    const load = trial.load();
    const stop = new AbortController();
    const seen: SeenEnds[] = [];
    const claims: Arrival[] = [];
    const watching = [watchEnds(trial, seen, stop.signal), watchClaims(trial, claims, stop.signal)];
    await trial.randomPause(2000, 3000);
    await system.admin.growTopic(system.topic, GROWN_PARTITIONS);
    const grownMs = clock.nowMs();
    trial.note("grown");
    const [processor] = system.processors;
    processor.freeze();
    await sleep(FROZEN_MS);
    processor.thaw();
    await clock.eventually(() => hasRowsOfAll(system), WATCH_MS_MAX);
    const begunMs = clock.nowMs() - grownMs;
    await trial.randomPause(2000, 3000);
    trial.repaired();
    await load.stop();
    await untilQuiet(system);
    const isLastJudged = () => claims.some((claim) => mustKnowNew(claim, seen));
    await clock.eventually(isLastJudged, JUDGED_MS_MAX);
    await judgeEnd(trial, claims);
    stop.abort();
    await Promise.all(watching);
    judgeTimes(trial, { grownMs, begunMs, claims });
    judgeClaims(trial, seen, claims);
    demandNoStalls(trial);
  },
};

/** A claim, and when its frame arrived, by the clock. */
interface Arrival extends Claim {
  readonly atMs: number;
}

async function watchEnds(
  { system, nowMs, note }: Trial,
  seen: SeenEnds[],
  signal: AbortSignal,
): Promise<void> {
  const leftOut = new Set<string>();
  for (; !signal.aborted; await sleep(SAMPLE_MS, signal)) {
    const ends = await readHighWatermarks(system).catch((error: Error) => error.message);
    if (typeof ends !== "string") {
      seen.push({ byMs: nowMs(), ends });
      continue;
    }
    // A new partition has no leader for a moment; the next sample is near.
    if (!leftOut.has(ends)) note(`sample left out: ${ends}`);
    leftOut.add(ends);
  }
}

async function watchClaims(
  { system, clock }: Trial,
  claims: Arrival[],
  signal: AbortSignal,
): Promise<void> {
  const [{ url }] = system.processors;
  for await (const frame of framesOf(url, signal)) {
    const atMs = clock.nowMs();
    claims.push({ atMs, frame, positions: await readPositions(system) });
  }
}

/** Whether each new partition has rows. */
async function hasRowsOfAll(system: System): Promise<boolean> {
  const begun = (await readPositions(system)).filter(
    ({ sink, partition, records }) => sink === "postgres" && isNew(partition) && records > 0,
  );
  return begun.length === GROWN_PARTITIONS - PARTITIONS;
}

function isNew(partition: number): boolean {
  return partition >= PARTITIONS;
}

interface Times {
  readonly grownMs: number;
  /** From the growth until every new partition had rows. */
  readonly begunMs: number;
  readonly claims: readonly Arrival[];
}

function judgeTimes({ demand }: Trial, { grownMs, begunMs, claims }: Times): void {
  const shownMs = (claims.find(isGrown)?.atMs ?? Infinity) - grownMs;
  const within = `within ${NOTICED_MS_MAX / 1000} s`;
  demand(`rows of new partitions ${within} (${Math.round(begunMs)} ms)`, begunMs < NOTICED_MS_MAX);
  demand(`frames know them ${within} (${Math.round(shownMs)} ms)`, shownMs < NOTICED_MS_MAX);
}

function isGrown({ frame }: Claim): boolean {
  return frame.partitions.length === GROWN_PARTITIONS;
}

/** No frame says less lag, or more completeness, than its look allows, and no look is too old. */
function judgeClaims(
  { demand, hadEffect }: Trial,
  seen: readonly SeenEnds[],
  claims: readonly Claim[],
): void {
  const mustWait = claims.filter((claim) => waitsInNew(claim, seen)).length;
  hadEffect("frames that must say that new partitions wait", mustWait);
  const must = claims.filter((claim) => mustKnowNew(claim, seen)).length;
  hadEffect("frames that must know the ends of new partitions", must);
  const wrong = claims.map((claim) => judgeClaim(claim, seen));
  for (const [what, kind] of DEMANDS) {
    const found = wrong.flatMap((each) => each[kind].slice(0, 1));
    const example = found[0] === undefined ? "" : `: one ${found[0]}`;
    demand(`${what} (${found.length})${example}`, found.length === 0);
  }
}

const DEMANDS: readonly (readonly [string, keyof WrongClaims])[] = [
  [`no frame is made from a look older than ${LOOK_AGE_MS_MAX / 1000} s`, "oldLook"],
  ["no frame says too little lag", "littleLag"],
  ["no frame calls complete what is not stored", "tooComplete"],
];

/** Whether records were in new partitions before the oldest look that a frame may be made from. */
function mustKnowNew(claim: Claim, seen: readonly SeenEnds[]): boolean {
  return [...mustKnow(claim, seen)].some(([partition, end]) => isNew(partition) && end > 0);
}

/** Whether the frame claims a lag of new partitions in which records wait that it must know. */
function waitsInNew(claim: Claim, seen: readonly SeenEnds[]): boolean {
  const ends = mustKnow(claim, seen);
  return claim.frame.partitions.some(
    ({ partition, lag }) =>
      isNew(partition) &&
      lag !== null &&
      leastLag(claim, ends, { sink: "postgres", partition }) > 0,
  );
}

/** Soon after the last record all partitions are known, and none of them lags. */
async function judgeEnd(
  { system, clock, demand, hadEffect }: Trial,
  claims: readonly Claim[],
): Promise<void> {
  const ends = await readHighWatermarks(system);
  const records = [...ends].reduce((sum, [number, end]) => sum + (isNew(number) ? end : 0), 0);
  hadEffect("records in new partitions", records, PARTITIONS);
  // Not the last frame alone: one whose reads took too long knows no lag.
  const lags = () =>
    claims.at(-1)?.frame.partitions.map(({ lag, archiveLag }) => `${lag} ${archiveLag}`) ?? [];
  const isWell = () =>
    claims.at(-1)?.frame.lag === 0 &&
    lags().length === GROWN_PARTITIONS &&
    lags().every((each) => each === "0 0");
  const hasNoLag = await clock.eventually(isWell, NOTICED_MS_MAX);
  demand(`a frame shows no lag of ${GROWN_PARTITIONS} partitions (${lags().join(", ")})`, hasNoLag);
  const [{ url }] = system.processors;
  let gauges = 0;
  const showNone = async () => {
    const text = await fetch(`${url}/metrics`).then((answer) => answer.text());
    gauges = [...text.matchAll(/^processor_lag_records\{[^}]*\} 0$/gm)].length;
    return gauges === 2 * GROWN_PARTITIONS;
  };
  const areNone = await clock.eventually(showNone, NOTICED_MS_MAX);
  demand(`metrics show no lag of both sinks (${gauges})`, areNone);
}
