/** Starts a server again when it ends by itself, with a pause that grows up to a limit. */
import type { Server } from "../machine/server_process.ts";

/** Pauses before a start (ms): doubled with each failure in a row. */
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 10_000;
/** A server that ran this long has recovered: the next pause is short again (ms). */
const HEALTHY_MS = 30_000;

/** What can be told about a server that ended. */
export interface SupervisorEvents {
  onEnded(name: string, exitCode: number | null, pauseMs: number): void;
  onStarted(name: string): void;
  onFailed(name: string, error: unknown): void;
}

/** Watches over servers until it is stopped. */
export interface Supervisor {
  /** Give this to the server as its `onEnded`. */
  ended(name: string, exitCode: number | null): void;
  /** Puts a running server under watch. */
  watch(name: string, server: Pick<Server, "start">): void;
  /** From now on nothing is started again; resolves when no start is under way. */
  stop(): Promise<void>;
}

/** Pause before the start that follows `failures` failures in a row; pure. */
export function pauseMs(failures: number): number {
  return Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** failures);
}

/** Time, as a supervisor needs it (ms). */
export interface SupervisorClock {
  now(): number;
  /** Resolves after the pause, or at once when the signal comes first. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL_CLOCK: SupervisorClock = { now: () => performance.now(), pause: sleepUnless };

/** Makes a supervisor. */
export function createSupervisor(
  events: SupervisorEvents,
  clock: SupervisorClock = REAL_CLOCK,
): Supervisor {
  const stopping = new AbortController();
  const watched = new Map<string, Watched>();
  const underWay = new Set<Promise<void>>();

  async function restart(name: string, exitCode: number | null): Promise<void> {
    const each = watched.get(name);
    if (each === undefined) return;
    if (clock.now() - each.startedMs >= HEALTHY_MS) each.failures = 0;
    let code = exitCode;
    while (!stopping.signal.aborted) {
      const pause = pauseMs(each.failures);
      each.failures += 1;
      events.onEnded(name, code, pause);
      await clock.pause(pause, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await each.server.start();
        each.startedMs = clock.now();
        events.onStarted(name);
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        events.onFailed(name, error);
        code = null;
      }
    }
  }

  return {
    watch: (name, server) => {
      watched.set(name, { server, startedMs: clock.now(), failures: 0 });
    },
    ended: (name, exitCode) => {
      if (stopping.signal.aborted) return;
      const restarting = restart(name, exitCode).finally(() => underWay.delete(restarting));
      underWay.add(restarting);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}

interface Watched {
  readonly server: Pick<Server, "start">;
  startedMs: number;
  failures: number;
}

function sleepUnless(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
