/** The lag of the sinks, and the wait until there is none. */
import { eventually } from "@tally/shared";

import type { System } from "../../system/system.ts";
import { readHighWatermarks, readPositions, type PositionEvidence } from "./evidence.ts";
import type { Fault } from "../fault.ts";
import type { Broken } from "./judge.ts";

/** Longest wait for quiet after a fault, ms: longer than it takes to catch up after minutes. */
const QUIET_MS_MAX = 120_000;
/** Time between two reads, ms. */
const READ_MS = 200;

/** Waits until both sinks are at the end of the log. @returns False when that takes too long. */
export async function untilQuiet(system: System): Promise<boolean> {
  const isQuiet = async () => {
    const lag = await readLag(system);
    return lag?.postgres === 0 && lag.archive === 0;
  };
  return await eventually(isQuiet, QUIET_MS_MAX, { pollMs: READ_MS });
}

/** I7: the sinks have caught up in time. */
export function judgeRecovery({ recoveryMsMax }: Fault, recoveredMs: number | null): Broken[] {
  if (recoveryMsMax === undefined || recoveredMs === null || recoveredMs <= recoveryMsMax)
    return [];
  const text = `lag 0 only ${Math.round(recoveredMs)} ms after the fault, ${recoveryMsMax} allowed`;
  return [{ invariant: "I7", text }];
}

/** Records that a sink has not written yet. */
export type Lag = Readonly<Record<PositionEvidence["sink"], number>>;

/** Reads the lag, or null while Kafka or the database is down. */
export async function readLag(system: System): Promise<Lag | null> {
  try {
    const highWatermarks = await readHighWatermarks(system);
    const positions = await readPositions(system);
    return {
      postgres: lagOf(positions, highWatermarks, "postgres"),
      archive: lagOf(positions, highWatermarks, "archive"),
    };
  } catch {
    // Callers read again until the server is back.
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
