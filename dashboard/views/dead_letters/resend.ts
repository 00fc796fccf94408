/**
 * Sends dead letters again. All of one reason go in portions: each request ends after a time with
 * the place where the next one begins.
 */
import type { Resent } from "@tally/shared/dead_letters";
import type { Asker, Outcome } from "../../questions/ask.ts";

interface ResentMany {
  readonly resent: number;
  /** Processors of older versions leave it out. */
  readonly ids?: readonly string[];
  readonly refused: readonly { readonly id: string; readonly code: string }[];
  readonly next: string | null;
}

/** How far the resend of one reason has come. */
export interface ResendProgress {
  readonly resent: number;
  /** The first of those that were sent, up to `FOLLOWED_MAX`. */
  readonly ids: readonly string[];
  readonly refused: ResentMany["refused"];
  readonly state: "running" | "done" | "stopped" | "failed";
  /** Why it failed. */
  readonly problem: Exclude<Outcome<never>, { kind: "answered" | "aborted" }> | null;
}

/** Letters that are followed to their end. // chosen */
export const FOLLOWED_MAX = 1000;
/** Letters of one portion. // chosen: a second or so each, so that the progress moves */
const PORTION = 100;
/** Refused letters that are listed. */
const REFUSED_MAX = 50;

export function resendOne(asker: Asker, id: string, signal: AbortSignal): Promise<Outcome<Resent>> {
  return asker.ask({ path: `dead-letters/${encodeURIComponent(id)}/resend`, body: {} }, signal);
}

const NOTHING_SENT: ResendProgress = {
  resent: 0,
  ids: [],
  refused: [],
  state: "running",
  problem: null,
};

/** @param signal Ends it after the portion that is on its way. */
export async function resendAll(
  asker: Asker,
  code: string,
  {
    signal,
    onProgress,
  }: {
    readonly signal: AbortSignal;
    readonly onProgress: (progress: ResendProgress) => void;
  },
): Promise<void> {
  let progress: ResendProgress = NOTHING_SENT;
  const note = (changes: Partial<ResendProgress>): void => {
    progress = { ...progress, ...changes };
    onProgress(progress);
  };
  let after: string | null = null;
  note({});
  // The portion itself is not taken back: what was sent stays sent.
  const never = new AbortController().signal;
  do {
    if (signal.aborted) return note({ state: "stopped" });
    const path = pathOf(code, after);
    const outcome: Outcome<ResentMany> = await asker.ask<ResentMany>({ path, body: {} }, never);
    if (outcome.kind !== "answered") {
      const problem = outcome.kind === "aborted" ? null : outcome;
      return note({ state: "failed", problem });
    }
    const { resent, ids = [], refused, next } = outcome.answer;
    after = next;
    note({
      resent: progress.resent + resent,
      ids: [...progress.ids, ...ids].slice(0, FOLLOWED_MAX),
      refused: [...progress.refused, ...refused].slice(0, REFUSED_MAX),
    });
  } while (after !== null);
  note({ state: "done" });
}

function pathOf(code: string, after: string | null): string {
  const asked = new URLSearchParams({ code, limit: String(PORTION) });
  if (after !== null) asked.set("after", after);
  return `dead-letters/resend?${asked.toString()}`;
}
