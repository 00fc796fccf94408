/**
 * The time that frames show. A wall clock may jump, and nothing says which of two clocks is right:
 * three clocks vote. They are the machine's, PostgreSQL's, and that of the process's start plus the
 * monotonic time since. The middle one counts.
 */
import type { Clocks, Log, WallMs } from "@tally/shared";

/** Wall time that one clock which jumps does not change. */
export interface TrustedTime {
  now(): WallMs;
  /** Notes the time that PostgreSQL has just given. */
  noteDatabase(atMs: WallMs): void;
}

export interface TrustedTimeOptions extends Clocks {
  readonly log: Pick<Log, "warn" | "info">;
}

/** Clocks that differ by more than this are wrong: receive times and ages can't be trusted. */
const DIFFERENCE_MS_MAX = 60_000; // chosen

/** Starts with the machine's clock. */
export function createTrustedTime({ wallNow, monotonicNow, log }: TrustedTimeOptions): TrustedTime {
  const startOffsetMs = wallNow() - monotonicNow();
  let databaseOffsetMs: number | null = null;
  let isWrong = false;

  function now(): WallMs {
    const wallMs = wallNow();
    const monotonicMs = monotonicNow();
    const databaseMs = databaseOffsetMs === null ? wallMs : monotonicMs + databaseOffsetMs;
    return middle(wallMs, monotonicMs + startOffsetMs, databaseMs);
  }
  function report(): void {
    const differenceMs = wallNow() - now();
    const isFar = Math.abs(differenceMs) > DIFFERENCE_MS_MAX;
    if (isFar === isWrong) return;
    isWrong = isFar;
    const differenceSeconds = Math.round(differenceMs / 1000);
    if (isFar) {
      log.warn(
        { differenceSeconds },
        "The clock of this machine jumped or is wrong: set it by NTP. Frames use PostgreSQL's time.",
      );
    } else log.info({}, "The clock of this machine is right again.");
  }
  return {
    now,
    noteDatabase(atMs) {
      databaseOffsetMs = atMs - monotonicNow();
      report();
    },
  };
}

function middle(a: WallMs, b: WallMs, c: WallMs): WallMs {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
