/** Sends the load test's events, and keeps what became of each and how long it took. */
import { drive, type RequestOutcome } from "../driver/drive.ts";
import { ANSWER_MS_MAX } from "../driver/http_connection.ts";
import { createLatencyHistogram, recordMs, type LatencyHistogram } from "../driver/latency.ts";
import { Ledger, type NumberRange } from "../driver/ledger.ts";
import { createSchedule, type ScheduleOptions } from "../driver/schedule.ts";
import { noteOutcomes, verdictOf } from "../driver/verdict.ts";
import { requestBody, type PayloadForm, type RunIds } from "./event.ts";

/** What to send. */
export interface SendOptions extends ScheduleOptions {
  /** Address of ingest, without a path. */
  readonly url: string;
  /** The key to present; null or absent with keys off. */
  readonly key?: string | null;
  readonly ids: RunIds;
  readonly connections: number;
  /** "object" when absent. */
  readonly payloadForm?: PayloadForm;
  /** Pause after a request that was not taken, ms; `REFUSED_PAUSE_MS` when absent. */
  readonly pauseMs?: number;
  /** Ends the sending early; requests in flight still get their outcome. */
  readonly signal: AbortSignal;
}

/** What a run measured; changes while it runs. */
export interface Measurements {
  /** Time from the due time (closed loop: from sending) to the answer, for each answer. */
  readonly latencyUs: LatencyHistogram;
  /** The same of those that were accepted. */
  readonly acceptedUs: LatencyHistogram;
  /** Time from sending to the answer, of those that were accepted. */
  readonly acceptedAnswerUs: LatencyHistogram;
  /** Time from sending to a 503. */
  readonly refusedUs: LatencyHistogram;
  /** Requests by status, or by the reason why there was no answer. */
  readonly answers: Map<string, number>;
  elapsedMs: number;
}

/** What is known of a run while it sends. */
export interface SendState {
  readonly ledger: Ledger;
  readonly measured: Measurements;
}

/** At a fixed rate, sending may take this much longer when the service is slow, ms. */
const LATE_MS_MAX = 10_000;
/** Pause after a request that the service could not take, ms: a closed loop must not spin. */
const REFUSED_PAUSE_MS = 100;

/** Nothing sent yet. */
export function createSendState(): SendState {
  const measured = {
    latencyUs: createLatencyHistogram(),
    acceptedUs: createLatencyHistogram(),
    acceptedAnswerUs: createLatencyHistogram(),
    refusedUs: createLatencyHistogram(),
    answers: new Map<string, number>(),
    elapsedMs: 0,
  };
  return { ledger: new Ledger(), measured };
}

/** Sends everything; resolves when each request that left has its outcome. */
export async function send(options: SendOptions, state: SendState): Promise<void> {
  const { url, key = null, ids, connections, payloadForm, seconds, signal } = options;
  const presented: Record<string, string> = key === null ? {} : { Authorization: `Bearer ${key}` };
  const headers = { Prefer: "return=minimal", ...presented };
  state.measured.elapsedMs = await drive({
    targets: [{ url: `${url}/events`, headers, answerMsMax: ANSWER_MS_MAX }],
    connections,
    schedule: createSchedule(options),
    seconds,
    lateMsMax: LATE_MS_MAX,
    // An event with an unknown fate stays unknown: a repetition would hide it.
    repeatsMax: 0,
    pauseMs: options.pauseMs ?? REFUSED_PAUSE_MS,
    makeRequest: (events) => ({ events, body: requestBody(ids, events, payloadForm) }),
    onOutcome: ({ events }, outcome) => keepOutcome(state, events, outcome),
    signal,
  });
}

function keepOutcome(
  { ledger, measured }: SendState,
  events: NumberRange,
  outcome: RequestOutcome,
): void {
  if (outcome.kind === "answered") {
    recordMs(measured.latencyUs, outcome.latencyMs);
    const { status } = outcome.answer;
    if (status === 202) {
      recordMs(measured.acceptedUs, outcome.latencyMs);
      recordMs(measured.acceptedAnswerUs, outcome.answerMs);
    } else if (status === 503) recordMs(measured.refusedUs, outcome.answerMs);
    countAnswer(measured, String(outcome.answer.status));
  } else countAnswer(measured, outcome.reason);
  const verdict = verdictOf(outcome, events.count);
  if (verdict !== null) noteOutcomes(ledger, verdict, events);
}

const ANSWERS_MAX = 50;

/** Counts by text; the texts after the first 50 count together. */
function countAnswer({ answers }: Measurements, text: string): void {
  const key = answers.has(text) || answers.size < ANSWERS_MAX ? text : "other";
  answers.set(key, (answers.get(key) ?? 0) + 1);
}
