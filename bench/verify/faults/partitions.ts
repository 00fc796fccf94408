/** Partitions are added to the topic under load: nobody may claim to know them too early. */
import { eventually, sleep, type MetricsFrame } from "@tally/shared";

import { framesOf } from "../../driver/frames.ts";
import { PARTITIONS, type System } from "../../system/system.ts";
import { readHighWatermarks, readPositions } from "../evidence.ts";
import type { Fault, Trial } from "../fault.ts";
import { untilQuiet } from "../quiet.ts";
import { demandNoStalls } from "./demands.ts";

const GROWN_PARTITIONS = 2 * PARTITIONS;
/** Rows of new partitions, and a frame that shows these, must be there this soon. */
const NOTICED_MS_MAX = 10_000;
const WATCH_MS_MAX = 30_000;
const SAMPLE_MS = 200;
/** The processor sleeps while ingest writes into new partitions; shorter than its session. */
const FROZEN_MS = 3000;
/**
 * How old what a frame shows may be: two intervals of frames, and the time of its reads. Also
 * longer than a request takes from its `receivedAt` to the log.
 */
const FRAME_AGE_MS_MAX = 3000;

export const partitionsAdded: Fault = {
  name: "partitions-added",
  title: `partitions added under load, ${PARTITIONS} -> ${GROWN_PARTITIONS}`,
  isShort: false,
  async run(trial) {
    const { system } = trial;
    const load = trial.load();
    const stop = new AbortController();
    const truth: Truth[] = [];
    const claims: Claim[] = [];
    const watching = [
      watchTruth(system, truth, stop.signal),
      watchClaims(system, claims, stop.signal),
    ];
    await trial.randomPause(2000, 3000);
    await system.admin.growTopic(system.topic, GROWN_PARTITIONS);
    const grownMs = performance.now();
    trial.note("grown");
    const [processor] = system.processors;
    processor.freeze();
    await sleep(FROZEN_MS);
    processor.thaw();
    await eventually(() => (truth.at(-1)?.begun ?? 0) === PARTITIONS, WATCH_MS_MAX);
    const begunMs = performance.now() - grownMs;
    await trial.randomPause(2000, 3000);
    trial.repaired();
    await load.stop();
    await untilQuiet(system);
    await sleep(FRAME_AGE_MS_MAX);
    stop.abort();
    await Promise.all(watching);
    judgeTimes(trial, { grownMs, begunMs, claims });
    await judgeClaims(trial, truth, claims);
    await judgeEnd(trial, claims.at(-1)?.frame);
    demandNoStalls(trial);
  },
};

/** What waits in new partitions at one moment, read without the processor. */
interface Truth {
  readonly atMs: number;
  /** Records of new partitions that are no rows yet. */
  readonly waiting: number;
  /** New partitions of which records were stored. */
  readonly begun: number;
}

/** A frame, and how many rows it claims to be all that were accepted by its `completeUpTo`. */
interface Claim {
  readonly atMs: number;
  readonly frame: MetricsFrame;
  readonly rows: number | null;
}

async function watchTruth(system: System, truth: Truth[], signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await sleep(SAMPLE_MS, signal)) {
    const atMs = performance.now();
    // A new partition has no leader for a moment; the next sample is near.
    const ends = await readHighWatermarks(system).catch(() => null);
    if (ends === null) continue;
    const positions = await readPositions(system);
    let waiting = 0;
    let begun = 0;
    for (const [partition, end] of ends) {
      if (partition < PARTITIONS) continue;
      const rows = positions.find(
        (each) => each.sink === "postgres" && each.partition === partition,
      );
      waiting += Math.max(0, end - (rows?.nextOffset ?? 0));
      if ((rows?.records ?? 0) > 0) begun += 1;
    }
    truth.push({ atMs, waiting, begun });
  }
}

async function watchClaims(system: System, claims: Claim[], signal: AbortSignal): Promise<void> {
  const [{ url }] = system.processors;
  for await (const frame of framesOf(url, signal)) {
    const atMs = performance.now();
    claims.push({ atMs, frame, rows: await rowsBefore(system, frame) });
  }
}

/** Rows received before `completeUpTo`; null when the frame claims nothing. */
async function rowsBefore({ sql }: System, { completeUpTo }: MetricsFrame): Promise<number | null> {
  if (completeUpTo === null) return null;
  const until = new Date(Date.parse(completeUpTo) - FRAME_AGE_MS_MAX).toISOString();
  const [{ rows }] = await sql<[{ rows: number }]>`
    select count(*)::integer as rows from web_events where received_at < ${until}::timestamptz`;
  return rows;
}

interface Times {
  readonly grownMs: number;
  /** From the growth until every new partition had rows. */
  readonly begunMs: number;
  readonly claims: readonly Claim[];
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

/** No frame says less lag, or more completeness, than what it could know. */
async function judgeClaims(
  { system, demand, hadEffect }: Trial,
  truth: readonly Truth[],
  claims: readonly Claim[],
): Promise<void> {
  let waited = 0;
  let tooLow = 0;
  let tooComplete = 0;
  for (const claim of claims) {
    const { atMs, frame, rows } = claim;
    const recent = truth.filter((each) => each.atMs <= atMs && each.atMs > atMs - FRAME_AGE_MS_MAX);
    const least = Math.min(...recent.map(({ waiting }) => waiting));
    const isKnown = isGrown(claim) && frame.lag !== null && recent.length > 0;
    if (isKnown && (frame.lag ?? 0) < least) tooLow += 1;
    if (frame.partitions.some(({ partition, lag }) => partition >= PARTITIONS && lag)) waited += 1;
    if (rows !== null && rows !== (await rowsBefore(system, frame))) tooComplete += 1;
  }
  hadEffect("frames that show what waits in new partitions", waited);
  demand(`no frame says too little lag (${tooLow} do)`, tooLow === 0);
  demand(`nothing is stored late that a frame called complete (${tooComplete})`, tooComplete === 0);
}

/** All partitions are known at the end, and none of them lags. */
async function judgeEnd(
  { system, demand, hadEffect }: Trial,
  last: MetricsFrame | undefined,
): Promise<void> {
  const ends = await readHighWatermarks(system);
  const records = [...ends].reduce(
    (sum, [number, end]) => sum + (number < PARTITIONS ? 0 : end),
    0,
  );
  hadEffect("records in new partitions", records, PARTITIONS);
  const lags = last?.partitions.map(({ lag, archiveLag }) => `${lag} ${archiveLag}`) ?? [];
  const isWell =
    last?.lag === 0 && lags.length === GROWN_PARTITIONS && lags.every((each) => each === "0 0");
  demand(
    `the last frame shows no lag of ${GROWN_PARTITIONS} partitions (${lags.join(", ")})`,
    isWell,
  );
  const [{ url }] = system.processors;
  const metrics = await fetch(`${url}/metrics`).then((answer) => answer.text());
  const gauges = [...metrics.matchAll(/^processor_lag_records\{[^}]*\} 0$/gm)].length;
  demand(`metrics show no lag of both sinks (${gauges})`, gauges === 2 * GROWN_PARTITIONS);
}
