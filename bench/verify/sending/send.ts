/**
 * Sends the events of a verified run, some twice and some invalid, and writes down
 * what became of each request before its connection sends on.
 */
import { drive, type RequestOutcome } from "../../driver/drive.ts";
import type { HttpAnswer } from "../../driver/http_answer.ts";
import { ANSWER_MS_MAX, type HttpTarget } from "../../driver/http_connection.ts";
import {
  createLatencyHistogram,
  percentileMs,
  recordMs,
  type LatencyHistogram,
} from "../../driver/latency.ts";
import type { EventOutcome, NumberRange, OutcomeLog } from "../../driver/ledger.ts";
import { createSchedule, type ScheduleOptions } from "../../driver/schedule.ts";
import { noteOutcomes, outcomeAt, verdictOf, type Verdict } from "../../driver/verdict.ts";
import { expectedEvent, sentJson, type RunOfEvents } from "./events.ts";

/** What to send. */
export interface SendOptions extends Required<ScheduleOptions> {
  readonly run: RunOfEvents;
  /** Addresses of the ingests, without a path. */
  readonly urls: readonly [string, ...string[]];
  /** Headers of each request, besides those of the driver. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  /** Share of events that are sent again, in the same request or in a later one: 0..1. */
  readonly twiceShare: number;
  /** Share of events that break a rule: 0..1. */
  readonly invalidShare: number;
  /** How often a request is repeated that got a 5xx or no answer. */
  readonly repeatsMax: number;
  /** 0 to less than 1. */
  readonly random: () => number;
  /** Ends the sending; requests in flight still get their outcome. */
  readonly signal: AbortSignal;
}

/** Counts of a run; change while it runs. */
export interface SendCounts {
  /** Different events that were sent. */
  events: number;
  acknowledged: number;
  refused: number;
  unknown: number;
  /** Requests answered 503, and how many of these answers had no Retry-After. */
  unavailable: number;
  unavailableWithoutRetryAfter: number;
  /** Longest wait for a 503, ms. */
  unavailableMsMax: number;
  /** Requests answered with another 5xx. */
  otherErrors: number;
  /** Requests whose connection broke after they were sent. */
  broken: number;
  /** Time from sending to a 202: 99 of 100 requests took at most this long, ms. */
  acceptedMsP99: number;
}

/** Counts before anything is sent. */
export function noCounts(): SendCounts {
  return {
    events: 0,
    acknowledged: 0,
    refused: 0,
    unknown: 0,
    unavailable: 0,
    unavailableWithoutRetryAfter: 0,
    unavailableMsMax: 0,
    otherErrors: 0,
    broken: 0,
    acceptedMsP99: 0,
  };
}

/** Counts of several runs together: the largest of each time, the sum of all others. */
export function sumOfCounts(counts: readonly SendCounts[]): SendCounts {
  const sums = noCounts();
  for (const each of counts) {
    for (const key of Object.keys(sums) as (keyof SendCounts)[]) {
      const isTime = key === "unavailableMsMax" || key === "acceptedMsP99";
      sums[key] = isTime ? Math.max(sums[key], each[key]) : sums[key] + each[key];
    }
  }
  return sums;
}

/** Pause before a request is sent again, ms. */
const PAUSE_MS = 50;
/** How long a load may go on to send all of its events when the machine is slow, ms. */
const LATE_MS_MAX = 60_000;
/** Most events that wait to be sent once more. */
const LATER_MAX = 10_000;

/** Sends until the time is over, or the signal comes. */
export async function send(
  options: SendOptions,
  journal: OutcomeLog,
  counts: SendCounts,
): Promise<void> {
  const sending: Sending = {
    options,
    journal,
    counts,
    latencyUs: createLatencyHistogram(),
    later: [],
  };
  const [first, ...others] = options.urls;
  const headers = { Prefer: "return=minimal", ...options.headers };
  const targetOf = (url: string): HttpTarget => ({
    url: `${url}/events`,
    headers,
    answerMsMax: ANSWER_MS_MAX,
  });
  await drive({
    ...options,
    targets: [targetOf(first), ...others.map(targetOf)],
    schedule: createSchedule(options),
    lateMsMax: LATE_MS_MAX,
    pauseMs: PAUSE_MS,
    makeRequest: (events) => makeRequest(sending, events),
    onOutcome: (request, outcome) => noteOutcome(sending, request, outcome),
  });
}

interface Sending {
  readonly options: SendOptions;
  readonly journal: OutcomeLog;
  readonly counts: SendCounts;
  readonly latencyUs: LatencyHistogram;
  /** Acknowledged events that a later request sends once more. */
  readonly later: number[];
}

interface Request {
  /** New events of the request, which come first. */
  readonly events: NumberRange;
  /** Events that the request sends once more. */
  readonly again: readonly number[];
  readonly body: string;
}

function makeRequest({ options, later, counts }: Sending, events: NumberRange): Request {
  const { batchEvents, twiceShare, random } = options;
  const own = Array.from({ length: events.count }, (_, index) => events.first + index);
  const again = own.filter(() => random() < twiceShare / 2);
  while (later.length > 0 && again.length < batchEvents) again.push(later.pop() ?? 0);
  counts.events += events.count;
  const texts = [...own, ...again].map((number) => eventJson(options, number));
  // A single event is sent without an array.
  return { events, again, body: texts.length === 1 ? (texts[0] ?? "") : `[${texts}]` };
}

/** An event; an invalid one lacks its payload. */
function eventJson({ run, invalidShare }: SendOptions, number: number): string {
  if (!isInvalid(number, invalidShare)) return sentJson(run, number);
  const { eventId, sessionId } = expectedEvent(run, number);
  return JSON.stringify({ eventId, sessionId, eventType: "no payload" });
}

/** Depends only on the number, so that an event that is sent again is as invalid as before. */
function isInvalid(number: number, invalidShare: number): boolean {
  return ((number * 2_654_435_761) % 4_294_967_296) / 4_294_967_296 < invalidShare;
}

function noteOutcome(sending: Sending, request: Request, outcome: RequestOutcome): void {
  const { counts, journal } = sending;
  const { events, again } = request;
  if (outcome.kind === "answered") countAnswer(sending, outcome.answer, outcome.answerMs);
  else if (outcome.kind === "broken") counts.broken += 1;
  const verdict = verdictOf(outcome, events.count + again.length);
  if (verdict === null) return;
  const note = (eventOutcome: EventOutcome, range: NumberRange) => {
    journal.note(eventOutcome, range);
    counts[COUNT_OF[eventOutcome]] += range.count;
  };
  noteOutcomes({ note }, verdict, events);
  for (const [index, number] of again.entries()) {
    note(outcomeAt(verdict, events.count + index), { first: number, count: 1 });
  }
  sendSomeLater(sending, verdict, events);
}

/** Names of the report: a verified run speaks of what was acknowledged. */
const COUNT_OF = { accepted: "acknowledged", rejected: "refused", unknown: "unknown" } as const;

function countAnswer({ counts, latencyUs }: Sending, answer: HttpAnswer, ms: number): void {
  if (answer.status === 202) {
    recordMs(latencyUs, ms);
    counts.acceptedMsP99 = percentileMs(latencyUs, 99);
  } else if (answer.status === 503) {
    counts.unavailable += 1;
    counts.unavailableMsMax = Math.max(counts.unavailableMsMax, ms);
    if (!answer.hasRetryAfter) counts.unavailableWithoutRetryAfter += 1;
  } else if (answer.status >= 500) counts.otherErrors += 1;
}

/** Picks acknowledged events that a later request sends once more. */
function sendSomeLater({ options, later }: Sending, verdict: Verdict, events: NumberRange): void {
  if (verdict.kind !== "accepted") return;
  for (let index = 0; index < events.count; index += 1) {
    if (verdict.rejected.has(index) || later.length >= LATER_MAX) continue;
    if (options.random() < options.twiceShare / 2) later.push(events.first + index);
  }
}
