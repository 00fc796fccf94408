/** Several processes of each kind: one of each is killed, and all processors show the same. */
import type { MetricsFrame } from "@tally/shared";
import { isDeepStrictEqual } from "node:util";

import { firstFrame } from "../../../driver/frames.ts";
import type { Fault, Trial } from "../../fault.ts";
import { untilQuiet } from "../../judgement/quiet.ts";

const FRAME_MS_MAX = 5000;
const SAME_MS_MAX = 10_000;
const FRAME_INTERVAL_MS = 1000;
/** Frames are made at different moments, so they agree only when nothing moves. */
const SETTLE_MS = 3000;

export const severalOfEach: Fault = {
  name: "several-of-each",
  title: "3 processors and 2 ingests, one of each killed; the same totals from all",
  isShort: false,
  system: { ingests: 2, processors: 3 },
  async run(trial) {
    const [ingest] = trial.system.ingests;
    const [processor] = trial.system.processors;
    const load = trial.load();
    const rounds = trial.isShort ? 1 : 3;
    for (let round = 0; round < rounds; round += 1) {
      await trial.randomPause(2000, 4000);
      await Promise.all([ingest.kill(), processor.kill()]);
      await trial.randomPause(500, 1500);
      await Promise.all([ingest.start(), processor.start()]);
    }
    trial.repaired();
    await load.stop();
    trial.hadEffect("kills", 2 * rounds, 2);
    trial.hadEffect("requests that broke", load.counts.broken);
    await untilQuiet(trial.system);
    await Bun.sleep(SETTLE_MS);
    // Not their first frames alone: one whose reads took too long knows no lag.
    const isSame = await trial.clock.eventually(() => showTheSame(trial), SAME_MS_MAX);
    trial.demand("every processor shows the same", isSame);
  },
};

async function showTheSame({ system, clock, note }: Trial): Promise<boolean> {
  const frames = await Promise.all(system.processors.map(({ url }) => frameOf(url, clock)));
  const shown = frames.map(sharedPart);
  const isSame = shown.every((part) => isDeepStrictEqual(part, shown[0]));
  if (isSame) return true;
  note(`frames differ: ${JSON.stringify(shown)}`);
  // The next ones.
  await Bun.sleep(FRAME_INTERVAL_MS);
  return false;
}

async function frameOf(url: string, clock: Trial["clock"]): Promise<MetricsFrame> {
  const { frame, reason } = await firstFrame(url, clock.timeout(FRAME_MS_MAX));
  if (frame === null) throw new Error(`Cannot compare frames: ${url} sends none: ${reason}`);
  return frame;
}

/** The part of a frame that does not depend on its time or its processor. */
function sharedPart(frame: MetricsFrame) {
  const { receivedTotal, writtenTotal, lag, duplicates, deadLetters, eventTypes } = frame;
  const { objects, events, bytes } = frame.archive;
  const partitions = frame.partitions.map(({ partition, highWatermark, stored, archived }) => ({
    partition,
    highWatermark,
    stored,
    archived,
  }));
  const archive = { objects, events, bytes };
  return {
    receivedTotal,
    writtenTotal,
    lag,
    duplicates,
    deadLetters,
    eventTypes,
    archive,
    partitions,
  };
}
