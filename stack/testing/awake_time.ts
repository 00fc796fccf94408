/**
 * Time without the moments in which this process stood still, for tests that expect something
 * within a time: a machine that stops for ten seconds must not turn them red.
 */

/** What some work took. */
export interface Awake<T> {
  readonly value: T;
  /** Time in which the process ran, ms. */
  readonly ms: number;
  /** The longest time that it stood still at once, ms. */
  readonly stallMsMax: number;
}

const TICK_MS = 20;
/** A tick that comes later than this was held up; timers of a busy process are a little late. */
const TICK_MS_MAX = 3 * TICK_MS;

/** Does something and measures it. Work that blocks the event loop is a stall, too. */
export async function measureAwake<T>(work: () => Promise<T>): Promise<Awake<T>> {
  let awakeMs = 0;
  let stallMsMax = 0;
  let lastMs = performance.now();
  const tick = (): void => {
    const nowMs = performance.now();
    awakeMs += Math.min(nowMs - lastMs, TICK_MS_MAX);
    stallMsMax = Math.max(stallMsMax, nowMs - lastMs - TICK_MS_MAX);
    lastMs = nowMs;
  };
  const timer = setInterval(tick, TICK_MS);
  try {
    const value = await work();
    tick();
    return { value, ms: awakeMs, stallMsMax };
  } finally {
    clearInterval(timer);
  }
}

/** After this many attempts the outcome counts in any case. */
const ATTEMPTS_MAX = 5;

/**
 * Does something whose outcome is decided by timers elsewhere (a session of the broker), and does
 * it again when this process stood still for longer than those allow.
 */
export async function undisturbed<T>(stallMsMax: number, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const done = await measureAwake(work);
    if (done.stallMsMax <= stallMsMax || attempt === ATTEMPTS_MAX) return done.value;
  }
}
