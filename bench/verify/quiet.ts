/** How far the sinks are behind the log, and the wait until they are not. */
import { readHighWatermarks, readPositions, type PositionEvidence } from "./evidence.ts";
import type { System } from "../system/system.ts";

/** Longest wait for quiet after a fault, ms: an outage of minutes is caught up in less. */
const QUIET_MS_MAX = 120_000;
/** Time between two looks, ms. */
const LOOK_MS = 200;

/** Waits until both sinks stand where the log ends; false when that takes too long. */
export async function untilQuiet(system: System): Promise<boolean> {
  const endMs = performance.now() + QUIET_MS_MAX;
  while (performance.now() < endMs) {
    const lag = await readLag(system);
    if (lag?.postgres === 0 && lag.archive === 0) return true;
    await Bun.sleep(LOOK_MS);
  }
  return false;
}

/** Records behind the log's end, by sink. */
export type Lag = Readonly<Record<PositionEvidence["sink"], number>>;

/** Reads the lag; null while Kafka or the database are away. */
export async function readLag(system: System): Promise<Lag | null> {
  try {
    const highWatermarks = await readHighWatermarks(system);
    const positions = await readPositions(system);
    return {
      postgres: lagOf(positions, highWatermarks, "postgres"),
      archive: lagOf(positions, highWatermarks, "archive"),
    };
  } catch {
    // Away: what is asked for is when it is back.
    return null;
  }
}

function lagOf(
  positions: readonly PositionEvidence[],
  highWatermarks: ReadonlyMap<number, number>,
  sink: PositionEvidence["sink"],
): number {
  let lag = 0;
  for (const [partition, end] of highWatermarks) {
    const found = positions.find((each) => each.sink === sink && each.partition === partition);
    lag += Math.max(0, end - (found?.nextOffset ?? 0));
  }
  return lag;
}
