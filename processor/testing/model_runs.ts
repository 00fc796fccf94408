/**
 * How long model-based tests run, and how a run is repeated: on failure fast-check prints seed,
 * path and replayPath. Give these to `fc.assert` and `fc.commands` of that test.
 */
import type { Parameters } from "fast-check";

/** A run's share of `bun run test`; also bounds the search for the smallest failing run, ms. */
const RUN_MS_MAX = 15_000;
/**
 * One sequence of commands takes milliseconds; one that hangs is a failure. Longer than any moment
 * in which the machine stands still, shorter than a test may take.
 */
const SEQUENCE_MS_MAX = 60_000;

/** Parameters of `fc.assert` for this many runs. Each run is a sequence of commands. */
export function modelRuns<T>(numRuns: number): Parameters<T> {
  return {
    numRuns,
    timeout: SEQUENCE_MS_MAX,
    interruptAfterTimeLimit: RUN_MS_MAX,
    markInterruptAsFailure: false,
  };
}
