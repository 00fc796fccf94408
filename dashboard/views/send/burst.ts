/**
 * Sends many events in portions, one after the other, and counts what ingest says of each. The
 * burst ends at the first portion that ingest does not take: a repeat could store its events twice.
 */
import {
  sendHeaders,
  SEND_MS_MAX,
  type SendOptions,
  type TestEvent,
} from "../../test_event/send_event.ts";

/** Most events of a burst; `bun run load` sends more. // chosen */
export const BURST_EVENTS_MAX = 10_000;
/** Events of one request. // chosen: small enough that the progress moves */
const PORTION = 100;

export interface BurstProgress {
  readonly accepted: number;
  readonly rejected: number;
  readonly state: "running" | "done" | "stopped" | "failed";
  /** Why it failed. */
  readonly problem: string | null;
  /** The code with which ingest refused the last portion, or null. */
  readonly code: string | null;
  /** Id of the newest accepted event. */
  readonly lastEventId: string | null;
}

export interface Burst {
  readonly event: TestEvent;
  readonly events: number;
  /** The events are spread over this many sessions. */
  readonly sessions: number;
}

export async function sendBurst(
  burst: Burst,
  options: SendOptions & {
    readonly signal: AbortSignal;
    readonly onProgress: (progress: BurstProgress) => void;
  },
): Promise<void> {
  let progress: BurstProgress = {
    accepted: 0,
    rejected: 0,
    state: "running",
    problem: null,
    code: null,
    lastEventId: null,
  };
  const note = (changes: Partial<BurstProgress>): void => {
    progress = { ...progress, ...changes };
    options.onProgress(progress);
  };
  note({});
  const total = Math.min(burst.events, BURST_EVENTS_MAX);
  for (let sent = 0; sent < total; sent += PORTION) {
    if (options.signal.aborted) return note({ state: "stopped" });
    const count = Math.min(PORTION, total - sent);
    const portion = Array.from({ length: count }, (_, index) => eventOf(burst, sent + index));
    const outcome = await sendPortion(portion, options);
    if ("problem" in outcome) return note({ state: "failed", ...outcome });
    note({
      accepted: progress.accepted + outcome.accepted,
      rejected: progress.rejected + count - outcome.accepted,
      lastEventId: outcome.lastEventId ?? progress.lastEventId,
    });
  }
  note({ state: "done" });
}

/** Each event gets an id of its own from ingest. */
function eventOf({ event, sessions }: Burst, index: number): TestEvent {
  const { eventId: _, ...rest } = event;
  return sessions === 1 ? rest : { ...rest, sessionId: `${rest.sessionId}-${index % sessions}` };
}

type PortionOutcome =
  | { readonly accepted: number; readonly lastEventId: string | null }
  | { readonly problem: string; readonly code: string | null };

/** What ingest says of one portion, or in words why it does not. */
async function sendPortion(
  events: readonly TestEvent[],
  options: SendOptions,
): Promise<PortionOutcome> {
  try {
    const response = await options.fetch(`${options.ingestUrl}/events`, {
      method: "POST",
      headers: sendHeaders(options.key),
      body: JSON.stringify(events),
      signal: AbortSignal.timeout(SEND_MS_MAX),
    });
    const answer: unknown = await response.json();
    const fields = new Map(Object.entries(typeof answer === "object" && answer ? answer : {}));
    if (response.status !== 202) {
      const [title, code] = [fields.get("title") ?? "no reason given", fields.get("code")];
      return {
        problem: `Ingest answers ${response.status}: ${String(title)}.`,
        code: typeof code === "string" ? code : null,
      };
    }
    const results: unknown = fields.get("results");
    return { accepted: Number(fields.get("accepted")), lastEventId: lastIdOf(results) };
  } catch {
    // No answer, or one that is no JSON.
    return {
      problem: "Ingest gave no answer: whether the last events were accepted is not known.",
      code: null,
    };
  }
}

function lastIdOf(results: unknown): string | null {
  const last: unknown = Array.isArray(results) ? results.at(-1) : null;
  if (typeof last !== "object" || last === null || !("eventId" in last)) return null;
  return typeof last.eventId === "string" ? last.eventId : null;
}
