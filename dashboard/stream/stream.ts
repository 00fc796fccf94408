/**
 * The stream's state machine: opens `/metrics/stream`, hands on its frames, and
 * reports how old they are. It owns reconnecting (an EventSource gives
 * up permanently on an error status) and notices a connection that hangs silently.
 */
import type { CountsFrame, MetricsFrame } from "@tally/shared";
import { backoffMs } from "@tally/shared/backoff";
import type { MonotonicMs, WallMs } from "@tally/shared/clock";
import { parseCounts } from "@tally/shared/frame";

/** What the viewer may believe about the figures; times are the viewer's. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Connected, but no new frame since `sinceMs`. */
  | { readonly kind: "stale"; readonly sinceMs: WallMs }
  | {
      readonly kind: "reconnecting";
      /** When the last frame came; null when there never was one. */
      readonly sinceMs: WallMs | null;
      readonly attempt: number;
      /** When the next attempt starts; null while one is under way. */
      readonly retryAtMs: MonotonicMs | null;
    };

/** Whether the last frame is not of this moment. */
export function isOld({ kind }: Connection): boolean {
  return kind === "stale" || kind === "reconnecting";
}

/** The part of EventSource that is used here. */
export interface FrameSource {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

/** Time as a parameter. */
export interface Clock {
  /** For ages and pauses: the viewer's clock may be set while the page is open. */
  now(): MonotonicMs;
  /** For times of day. */
  wallNow(): WallMs;
  /** @returns A function that cancels the timer. */
  after(ms: number, run: () => void): () => void;
}

export interface StreamOptions {
  readonly open: () => FrameSource;
  readonly clock: Clock;
  /** Whether nobody sees the page yet: it connects when it is shown. */
  readonly isHidden: boolean;
  /** 0 to 1; spreads the reconnects of many viewers after a restart. */
  readonly random: () => number;
  readonly onFrame: (frame: MetricsFrame) => void;
  readonly onCounts: (counts: CountsFrame) => void;
  readonly onConnection: (connection: Connection) => void;
}

export interface Stream {
  /** Starts the next attempt at once when it waits for one. */
  retryNow(): void;
  /** Closes the connection of a page that nobody sees, or opens it again. */
  show(isShown: boolean): void;
  close(): void;
}

/** A frame comes every second; three missing ones in a row are more than jitter. */
export const STALE_AFTER_MS = 3500;
/** A connection that is silent for this long is taken as dead and replaced. */
export const HANG_AFTER_MS = 15_000;
/** Pauses before a reconnect; the first failure is followed by twice the minimum. */
export const BACKOFF = { msMin: 500, msMax: 15_000 };

/** Opens the stream and keeps it open until `close()`. */
export function openStream(options: StreamOptions): Stream {
  const { clock } = options;
  let source: FrameSource | null = null;
  let cancelTimer = (): void => {};
  let attempt = 0;
  let { isHidden } = options;
  let lastTs: string | null = null;
  let lastFrameMs: WallMs | null = null;

  const plan = (ms: number, run: () => void): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, run);
  };
  const reconnecting = (retryAtMs: MonotonicMs | null): void =>
    options.onConnection({ kind: "reconnecting", sinceMs: lastFrameMs, attempt, retryAtMs });

  const connect = (): void => {
    if (attempt > 0 || lastTs !== null) reconnecting(null);
    const opened = options.open();
    source = opened;
    listen(opened, {
      isUsed: () => source === opened,
      metrics: receive,
      counts: (data) => receiveCounts(data, options),
      error: reconnect,
    });
    plan(HANG_AFTER_MS, reconnect);
  };
  const receive = (data: unknown): void => {
    const frame = parseFrame(data);
    // Unreadable, or the same frame again: neither makes the figures any fresher.
    if (frame === null || frame.ts === lastTs) return;
    const sinceMs = clock.wallNow();
    [lastTs, lastFrameMs] = [frame.ts, sinceMs];
    attempt = 0;
    options.onFrame(frame);
    options.onConnection({ kind: "live" });
    plan(STALE_AFTER_MS, () => {
      options.onConnection({ kind: "stale", sinceMs });
      plan(HANG_AFTER_MS - STALE_AFTER_MS, reconnect);
    });
  };
  const reconnect = (): void => {
    stop();
    attempt += 1;
    const delayMs = Math.round(backoffMs(attempt, BACKOFF, options.random()));
    reconnecting(clock.now() + delayMs);
    plan(delayMs, connect);
  };
  const stop = (): void => {
    cancelTimer();
    source?.close();
    source = null;
  };

  options.onConnection({ kind: "connecting" });
  if (!isHidden) connect();
  return {
    retryNow: () => {
      if (source === null && !isHidden) plan(0, connect);
    },
    show: (isShown) => {
      isHidden = !isShown;
      if (!isShown) stop();
      else if (source === null) plan(0, connect);
    },
    close: stop,
  };
}

interface Listeners {
  /** A source that was replaced may still have events on their way. */
  readonly isUsed: () => boolean;
  readonly metrics: (data: unknown) => void;
  readonly counts: (data: unknown) => void;
  readonly error: () => void;
}

function listen(source: FrameSource, listeners: Listeners): void {
  for (const type of ["metrics", "counts", "error"] as const) {
    source.addEventListener(type, ({ data }) => {
      if (listeners.isUsed()) listeners[type](data);
    });
  }
}

function receiveCounts(data: unknown, { onCounts }: Pick<StreamOptions, "onCounts">): void {
  const counts = parseCounts(data);
  if (counts !== null) onCounts(counts);
}

/** Reads a frame; null when it is none, so that a foreign server can't break the page. */
export function parseFrame(data: unknown): MetricsFrame | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    return isFrame(value) ? value : null;
  } catch {
    // Not JSON: the caller treats it like no frame at all.
    return null;
  }
}

const OBJECTS = ["eventsPerSecond", "latencyMs", "archive", "deadLetters", "dependencies"] as const;
const ARRAYS = ["partitions", "eventTypes"] as const;

/** Checks what would make the page throw; single figures are trusted. */
function isFrame(value: unknown): value is MetricsFrame {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const isObject = (name: string): boolean => {
    const field = fields.get(name);
    return typeof field === "object" && field !== null;
  };
  return (
    typeof fields.get("ts") === "string" &&
    OBJECTS.every(isObject) &&
    ARRAYS.every((name) => Array.isArray(fields.get(name)))
  );
}
