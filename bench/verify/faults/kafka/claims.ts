/**
 * Judges what frames claim about lag and completeness, by reads that share nothing with the
 * processor. Pure.
 */
import type { MetricsFrame, PartitionFrame, SinkName } from "@tally/shared";

import type { PositionEvidence } from "../../judgement/evidence.ts";

/** As in the promise: how old the look may be that a frame is made from. */
export const LOOK_AGE_MS_MAX = 10_000;

/** Where the partitions of the log ended, at the latest at `byMs`. */
export interface SeenEnds {
  /** When the answer was there, ms since 1970. */
  readonly byMs: number;
  /** By partition. */
  readonly ends: ReadonlyMap<number, number>;
}

/** A frame as a viewer got it. */
export interface Claim {
  readonly frame: MetricsFrame;
  /** Read after the frame had arrived: positions only grow. */
  readonly positions: readonly Pick<PositionEvidence, "sink" | "partition" | "nextOffset">[];
}

/** What is wrong with a frame, each as a sentence without its subject. */
export interface WrongClaims {
  readonly oldLook: readonly string[];
  readonly littleLag: readonly string[];
  readonly tooComplete: readonly string[];
}

/**
 * Judges one frame by the promise: what it says is never better than what its look at the
 * partitions allows, and that look is 10 s old at most.
 *
 * A frame is not compared with the lag of its own moment. Nobody can read that: it moves by a
 * thousand records within a tenth of a second. And the processor reads the ends of the log and the
 * positions at different times too. So the frame is compared with the least that is promised: its
 * ends are not below those of 10 s before, and its lag is not below these ends minus positions
 * that were read after it.
 *
 * @param seen Ascending by time.
 */
export function judgeClaim(claim: Claim, seen: readonly SeenEnds[]): WrongClaims {
  const ends = mustKnow(claim, seen);
  return {
    oldLook: oldLook(claim, ends),
    littleLag: [...littleLag(claim, ends, "postgres"), ...littleLag(claim, ends, "archive")],
    tooComplete: tooComplete(claim, seen),
  };
}

/** The ends that a frame must know, whatever look it is made from. */
export function mustKnow({ frame }: Claim, seen: readonly SeenEnds[]): ReadonlyMap<number, number> {
  return endsBefore(seen, Date.parse(frame.ts) - LOOK_AGE_MS_MAX);
}

/** The least number of records of a partition that the frame must show as waiting for a sink. */
export function leastLag(claim: Claim, ends: ReadonlyMap<number, number>, place: Place): number {
  const { frame, positions } = claim;
  const shown = frame.partitions.find(({ partition }) => partition === place.partition);
  const end = Math.max(Number(shown?.highWatermark ?? 0), ends.get(place.partition) ?? 0);
  // A sink that has not begun with a partition begins where its log does.
  const position = positionOf(positions, place) ?? Number(shown?.logStart ?? 0);
  return Math.max(0, end - position);
}

interface Place {
  readonly sink: SinkName;
  readonly partition: number;
}

function positionOf(positions: Claim["positions"], { sink, partition }: Place): number | undefined {
  return positions.find((each) => each.sink === sink && each.partition === partition)?.nextOffset;
}

const NO_ENDS: ReadonlyMap<number, number> = new Map();

/** The last ends that were known before this time. */
function endsBefore(seen: readonly SeenEnds[], ms: number): ReadonlyMap<number, number> {
  return seen.findLast(({ byMs }) => byMs < ms)?.ends ?? NO_ENDS;
}

/** What is null is unknown and claims nothing. */
function oldLook({ frame }: Claim, ends: ReadonlyMap<number, number>): string[] {
  return [...ends].flatMap(([partition, end]) => {
    const shown = frame.partitions.find((each) => each.partition === partition);
    const isLacking = shown === undefined && frame.lag !== null;
    if (isLacking) return [`at ${frame.ts} lacks partition ${partition}`];
    const shownEnd = shown?.highWatermark ?? null;
    const text = `at ${frame.ts} ends partition ${partition} at ${shownEnd}, not ${end}`;
    return shownEnd !== null && Number(shownEnd) < end ? [text] : [];
  });
}

/** Judges the lag of each partition and, of the rows, their sum. */
function littleLag(claim: Claim, ends: ReadonlyMap<number, number>, sink: SinkName): string[] {
  const { frame } = claim;
  const numbers = new Set([...ends.keys(), ...frame.partitions.map(({ partition }) => partition)]);
  const wrong: string[] = [];
  const say = (place: string, lag: number | null, least: number): void => {
    if (lag === null || lag >= least) return;
    wrong.push(`at ${frame.ts} says ${lag} for ${sink}${place}, ${least} wait`);
  };
  let sum = 0;
  for (const partition of numbers) {
    const least = leastLag(claim, ends, { sink, partition });
    const shown = frame.partitions.find((each) => each.partition === partition);
    say(` ${partition}`, lagShown(shown, sink), least);
    sum += least;
  }
  if (sink === "postgres") say("", frame.lag, sum);
  return wrong;
}

function lagShown(shown: PartitionFrame | undefined, sink: SinkName): number | null {
  return (sink === "postgres" ? shown?.lag : shown?.archiveLag) ?? null;
}

/**
 * What is acknowledged lies in the log, so all that lay in it before `completeUpTo` must be stored.
 * Receive times would say less: a request may take seconds from its receive time to the log.
 */
function tooComplete({ frame, positions }: Claim, seen: readonly SeenEnds[]): string[] {
  const { completeUpTo } = frame;
  if (completeUpTo === null) return [];
  return [...endsBefore(seen, Date.parse(completeUpTo))].flatMap(([partition, end]) => {
    const stored = positionOf(positions, { sink: "postgres", partition }) ?? 0;
    const text = `at ${frame.ts} is complete up to ${completeUpTo}, but partition ${partition} has rows up to ${stored} of ${end}`;
    return stored < end ? [text] : [];
  });
}
