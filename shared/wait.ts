/**
 * Every wait of the project: for a time, for a promise and for a condition.
 * Each has a bound; an abort ends a wait early, and none throws because of it.
 */
import { setTimeout as timeout } from "node:timers/promises";

/**
 * Waits for a time, or until the signal is aborted.
 *
 * @param ms At most 2^31 - 1, about 24 days. At least one turn of the event loop passes.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await timeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

/**
 * Waits for an answer.
 *
 * @returns The answer, or null when it takes longer than `msMax` or the signal is aborted first.
 * @throws What the promise rejects with, when that happens in time. Later it is ignored.
 */
export async function withinTime<T>(
  answer: Promise<T>,
  msMax: number,
  signal?: AbortSignal,
): Promise<T | null> {
  // Not over node:timers/promises: cancelling that costs ten times as much, 13 us instead of 1.3,
  // and a consumer waits like this each time it has read all records. Measured with Bun 1.4.5.
  const { promise: timeUp, resolve } = Promise.withResolvers<null>();
  const giveUp = (): void => resolve(null);
  const timer = setTimeout(giveUp, msMax);
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted === true) giveUp();
  try {
    return await Promise.race([answer, timeUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** Like `withinTime`, for a promise whose outcome others handle: true when settled. */
export async function settledWithin(
  promise: Promise<unknown>,
  msMax: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const isSettled = (): boolean => true;
  return (await withinTime(promise.then(isSettled, isSettled), msMax, signal)) ?? false;
}

/** What else ends `eventually` early, and how often it checks. */
export interface PollOptions {
  /** Pause between two checks of the condition. */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

/** Pause between two checks: short against the seconds that a server takes to start. */
const POLL_MS = 25;

/** Most of the time that a wait adds because this process stood still; chosen. */
const STALL_MS_MAX = 60_000;

/**
 * Checks a condition until it holds; at least once.
 *
 * A pause that ends late means that this process stood still, as after a SIGCONT or on a machine
 * that was out of memory. That time does not count: nothing could have happened in it.
 *
 * @returns True as soon as it holds, false when `msMax` have passed or the signal is aborted.
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  msMax: number,
  { pollMs = POLL_MS, signal }: PollOptions = {},
): Promise<boolean> {
  const startedMs = performance.now();
  let stallMs = 0;
  for (;;) {
    if (await holds()) return true;
    const nowMs = performance.now();
    if (nowMs - startedMs - stallMs >= msMax || signal?.aborted === true) return false;
    await sleep(pollMs, signal);
    const lateMs = Math.max(0, performance.now() - nowMs - pollMs);
    stallMs = Math.min(stallMs + lateMs, STALL_MS_MAX);
  }
}

/**
 * Waits for all parts; the first failure makes the others give up.
 *
 * @param giveUp The signal of all parts.
 * @throws The first failure. Parts that fail after the abort have nothing to add.
 */
export async function allOrNone(
  giveUp: AbortController,
  parts: readonly Promise<void>[],
): Promise<void> {
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => {
    if (!giveUp.signal.aborted) failures.push(error);
    giveUp.abort();
  };
  await Promise.all(parts.map((part) => part.catch(onFailure)));
  if (failures.length > 0) throw failures[0];
}
