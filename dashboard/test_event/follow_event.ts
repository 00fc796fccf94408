/**
 * Follows one accepted event by asking for its trace until it is archived, or
 * until the bound. Reports what was seen so far after every answer.
 */
import type { EventTrace } from "@tally/shared";
import type { Fetch } from "./send_event.ts";
import type { Clock } from "../stream/stream.ts";

export const POLL_MS_MIN = 150;
export const POLL_MS_MAX = 1000;
/** The archive's default rotation is 60 s: twice that, and an upload. */
export const FOLLOW_MS_MAX = 150_000;
const ANSWER_MS_MAX = 5000;

/** What is known of the event; times are ms since 1970, durations ms. */
export interface Progress {
  readonly trace: EventTrace | null;
  /** Time from the start of following to the first answer that shows the row. */
  readonly storedAfterMs: number | null;
  readonly archivedAfterMs: number | null;
  /** `set_aside`: it became a dead letter, which is no way to a row by itself. */
  readonly state: "following" | "done" | "set_aside" | "gave_up";
  /** Why the last request got no answer, or null when it got one. */
  readonly problem: string | null;
}

export interface FollowOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly onProgress: (progress: Progress) => void;
  /** Without an archive, following ends at the row. */
  readonly isArchiveEnabled: () => boolean;
}

/** Follows the event; the returned function ends it early. */
export function followEvent(eventId: string, options: FollowOptions): () => void {
  const { clock } = options;
  const startMs = clock.now();
  let cancelTimer = (): void => {};
  let isEnded = false;
  let pollMs = POLL_MS_MIN;
  let progress: Progress = {
    trace: null,
    storedAfterMs: null,
    archivedAfterMs: null,
    state: "following",
    problem: null,
  };

  const ask = async (): Promise<void> => {
    const answer = await askTrace(eventId, options.fetch);
    if (isEnded) return;
    progress = advance(progress, answer, {
      elapsedMs: clock.now() - startMs,
      isArchiveEnabled: options.isArchiveEnabled(),
    });
    options.onProgress(progress);
    if (progress.state !== "following") return;
    cancelTimer = clock.after(pollMs, () => void ask());
    pollMs = Math.min(POLL_MS_MAX, Math.round(pollMs * 1.5));
  };

  void ask();
  return () => {
    isEnded = true;
    cancelTimer();
  };
}

/** An answer to the request for a trace; `trace` is null while the processor does not know it. */
export interface Answer {
  readonly trace: EventTrace | null;
  readonly problem: string | null;
}

/** What is known after one more answer. Pure; a step once seen is never taken back. */
export function advance(
  before: Progress,
  answer: Answer,
  now: { readonly elapsedMs: number; readonly isArchiveEnabled: boolean },
): Progress {
  const trace = answer.trace ?? before.trace;
  const isStored = trace !== null && trace.row !== null;
  const isArchived = trace?.archive?.state === "stored";
  const isDone = isStored && (isArchived || !now.isArchiveEnabled);
  const isSetAside = trace !== null && !isStored && trace.deadLetter !== null;
  const isLate = now.elapsedMs >= FOLLOW_MS_MAX;
  return {
    trace,
    storedAfterMs: before.storedAfterMs ?? (isStored ? now.elapsedMs : null),
    archivedAfterMs: before.archivedAfterMs ?? (isArchived ? now.elapsedMs : null),
    state: isDone ? "done" : isSetAside ? "set_aside" : isLate ? "gave_up" : "following",
    problem: answer.problem,
  };
}

async function askTrace(eventId: string, fetch: Fetch): Promise<Answer> {
  try {
    // Relative to the page, which a proxy may serve below a path.
    const response = await fetch(`events/${encodeURIComponent(eventId)}/trace`, {
      headers: { accept: "application/json" },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    // Accepted but not yet a row: the processor can't know the event.
    if (response.status === 404) return { trace: null, problem: null };
    if (!response.ok) {
      return { trace: null, problem: `The processor answers ${response.status}; asking again.` };
    }
    return readTrace(await response.json());
  } catch {
    // No answer, or one that is no JSON: the next request follows until the bound.
    return { trace: null, problem: "The processor can't be reached; asking again." };
  }
}

function readTrace(value: unknown): Answer {
  if (!isTrace(value)) {
    return { trace: null, problem: "The processor's answer is no trace; asking again." };
  }
  return { trace: value, problem: null };
}

function isTrace(value: unknown): value is EventTrace {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return (
    typeof fields.get("eventId") === "string" &&
    ["accepted", "log", "row", "archive"].every((name) => typeof fields.get(name) === "object")
  );
}
