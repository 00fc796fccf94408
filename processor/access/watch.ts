/** Ends what lasts, a live stream, when the key or the session that began it is no longer valid. */
import type { Scope } from "@tally/shared/keys";
import type { Access, Holder } from "./access.ts";

/** Looks again and again whether holders are still allowed what they do. */
export interface Watch {
  /** Looks until `left` is aborted or the caller ends it; null when there is nothing to look at. */
  begin(holder: Holder | null, scope: Scope, left: AbortSignal): Look | null;
  stop(): void;
}

/** What is looked at. */
export interface Look {
  /** Aborted once the holder may no longer do this. */
  readonly ended: AbortSignal;
  /** Looks no more. */
  end(): void;
}

interface Watched {
  readonly holder: Holder;
  readonly scope: Scope;
  readonly ending: AbortController;
}

/** Together with the age of what was read last, a stream ends within 5 s. */
const LOOK_MS = 1000; // chosen

/** Runs again and again. @returns What ends it. */
export type Every = (ms: number, run: () => void) => () => void;

const every: Every = (ms, run) => {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
};

/** Starts to look. */
export function startWatch(access: Access, repeat: Every = every): Watch {
  const watched = new Set<Watched>();
  let isLooking = false;
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      for (const each of watched) {
        if (await access.isStill(each.holder, each.scope)) continue;
        watched.delete(each);
        each.ending.abort();
      }
    } finally {
      isLooking = false;
    }
  }
  const stop = repeat(LOOK_MS, () => void (watched.size > 0 && look()));
  return {
    begin(holder, scope, left) {
      if (holder === null) return null;
      const each = { holder, scope, ending: new AbortController() };
      watched.add(each);
      const end = (): void => void watched.delete(each);
      left.addEventListener("abort", end, { once: true });
      return { ended: each.ending.signal, end };
    },
    stop,
  };
}
