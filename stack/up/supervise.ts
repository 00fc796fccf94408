/** Restarts a server that ended by itself, after a pause that grows up to a limit. */
import { backoffMs, sleep } from "@tally/shared";

import type { Server } from "../machine/server_process.ts";

/** Pauses before a start: doubled with each failure in a row. */
const PAUSE = { msMin: 500, msMax: 10_000 };
/** A server that ran this long counts as healthy: its next restart pause starts short (ms). */
const HEALTHY_MS = 30_000;

/** What a supervisor reports. */
export interface SupervisorEvents {
  onEnded(name: string, exitCode: number | null, pauseMs: number): void;
  onStarted(name: string): void;
  onFailed(name: string, error: unknown): void;
}

/** Restarts servers until it is stopped. */
export interface Supervisor {
  /** The server's `onEnded` calls this. */
  ended(name: string, exitCode: number | null): void;
  /** Restarts this running server from now on. */
  watch(name: string, server: Pick<Server, "start">): void;
  /** Restarts nothing from now on; resolves when no start is in progress. */
  stop(): Promise<void>;
}

/** Time, as a supervisor needs it (ms). */
export interface SupervisorClock {
  now(): number;
  /** Resolves after the pause, or at once when the signal comes first. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL_CLOCK: SupervisorClock = { now: () => performance.now(), pause: sleep };

/** Makes a supervisor. */
export function createSupervisor(
  events: SupervisorEvents,
  clock: SupervisorClock = REAL_CLOCK,
): Supervisor {
  const stopping = new AbortController();
  const watched = new Map<string, Watched>();
  const restarts = new Set<Promise<void>>();

  async function restart(name: string, exitCode: number | null): Promise<void> {
    const each = watched.get(name);
    if (each === undefined) return;
    if (clock.now() - each.startedMs >= HEALTHY_MS) each.failures = 0;
    let code = exitCode;
    while (!stopping.signal.aborted) {
      const pause = backoffMs(each.failures, PAUSE);
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
      const restarting = restart(name, exitCode).finally(() => restarts.delete(restarting));
      restarts.add(restarting);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(restarts);
    },
  };
}

interface Watched {
  readonly server: Pick<Server, "start">;
  startedMs: number;
  failures: number;
}
