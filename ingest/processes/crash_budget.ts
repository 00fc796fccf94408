/**
 * When a worker that ended is started again, and when its ends are a loop that only a person
 * can end. Pure: times come in.
 */
import { backoffMs } from "@tally/shared";

/** Pause before a worker is started again: doubled with each end in a row. */
const PAUSE = { msMin: 100, msMax: 1000 }; // chosen
/** A worker that ran this long counts as healthy: its next pause is the shortest. */
const HEALTHY_MS = 10_000; // chosen
/**
 * More ends than this of all workers within a minute are a loop. One worker that ends as soon as
 * it starts reaches it in 30 to 60 s; workers that are killed now and then do not.
 */
export const ENDS_MAX = 30; // chosen
const WINDOW_MS = 60_000;

/** The ends of all workers of one supervisor. */
export class CrashBudget {
  readonly #endsMs: number[] = [];
  readonly #inRow = new Map<number, number>();

  /**
   * Notes that a worker ended without having been asked to.
   *
   * @param worker Its number.
   * @param ranMs How long it ran.
   * @returns The pause before its next start, or null when this is a loop.
   */
  note(worker: number, ranMs: number, nowMs: number): number | null {
    this.#endsMs.push(nowMs);
    while ((this.#endsMs[0] ?? nowMs) <= nowMs - WINDOW_MS) this.#endsMs.shift();
    if (this.#endsMs.length > ENDS_MAX) return null;
    const failures = ranMs >= HEALTHY_MS ? 0 : (this.#inRow.get(worker) ?? 0);
    this.#inRow.set(worker, failures + 1);
    return backoffMs(failures, PAUSE);
  }
}
