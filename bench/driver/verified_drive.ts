/**
 * Drives the load of a verified run: sends what the plan says, at its times, to
 * one ingest after the other, and writes down what became of it before it sends on.
 */
import { build, type Histogram } from "hdr-histogram-js";

import { ANSWER_MS_MAX, BrokenRequest, HttpConnection } from "./http_connection.ts";
import type { HttpAnswer } from "./http_answer.ts";
import { expectedEvent, sentJson, type RunOfEvents } from "../verify/events.ts";
import type { OpenJournal, Outcome } from "../verify/journal.ts";

/** What to send. */
export interface DriveOptions {
  readonly run: RunOfEvents;
  /** Number of the first event. */
  readonly first: number;
  /** Addresses of the ingests, without a path. */
  readonly urls: readonly string[];
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly batchEvents: number;
  readonly connections: number;
  /** Share of events that are sent again, in the same request or in a later one: 0..1. */
  readonly twiceShare: number;
  /** Share of events that break a rule: 0..1. */
  readonly invalidShare: number;
  /** How often a request without a verdict is repeated. */
  readonly repeatsMax: number;
  /** 0 to less than 1. */
  readonly random: () => number;
  /** Ends the sending; requests in flight are still answered. */
  readonly signal: AbortSignal;
}

/** Counts of a run; lives while it runs. */
export interface DriveCounts {
  /** Different events that were sent. */
  events: number;
  acknowledged: number;
  refused: number;
  unknown: number;
  /** Requests answered 503, and how many of these did not say when to come again. */
  unavailable: number;
  unavailableWithoutRetryAfter: number;
  /** Longest wait for a 503, ms. */
  unavailableMsMax: number;
  /** Requests answered with another 5xx. */
  otherErrors: number;
  /** Requests whose connection broke after they were sent. */
  broken: number;
  /** From sending to a 202: 99 of 100 requests took at most this long, ms. */
  acceptedMsP99: number;
}

/** Counts of nothing. */
export function noCounts(): DriveCounts {
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

// A request that could not be sent, or was not taken, is not repeated at once.
const PAUSE_MS = 50;
// An answer comes within some seconds; one minute in µs.
const LATENCY_US_MAX = 60_000_000;
// Events that wait to be sent once more.
const LATER_MAX = 10_000;

/** Requests of a load that nothing holds up. */
export function requestsOf(
  options: Pick<DriveOptions, "eventsPerSecond" | "seconds" | "batchEvents">,
): number {
  return Math.ceil((options.eventsPerSecond * options.seconds) / options.batchEvents);
}

/** Sends until the time is over, or the signal comes. */
export async function drive(
  options: DriveOptions,
  journal: OpenJournal,
  counts: DriveCounts,
): Promise<void> {
  const startedMs = performance.now();
  const latencyUs = build({ highestTrackableValue: LATENCY_US_MAX });
  const drivers: Drive = { options, journal, counts, startedMs, latencyUs, later: [], next: 0 };
  const connections = Array.from({ length: options.connections }, (_, index) =>
    useConnection(drivers, options.urls[index % options.urls.length] ?? ""),
  );
  await Promise.all(connections);
}

interface Drive {
  readonly options: DriveOptions;
  readonly journal: OpenJournal;
  readonly counts: DriveCounts;
  readonly startedMs: number;
  readonly latencyUs: Histogram;
  /** Acknowledged events to be sent once more. */
  readonly later: number[];
  /** Number of the next request. */
  next: number;
}

async function useConnection(drive: Drive, url: string): Promise<void> {
  const { options, startedMs } = drive;
  const target = {
    url: `${url}/events`,
    headers: { Prefer: "return=minimal" },
    answerMsMax: ANSWER_MS_MAX,
  };
  const connection = new HttpConnection(target);
  try {
    while (mayGoOn(drive)) {
      const request = drive.next++;
      const dueMs = (request * options.batchEvents * 1000) / options.eventsPerSecond;
      if (request >= requestsOf(options)) return;
      await waitUntil(startedMs + dueMs, options.signal);
      if (!mayGoOn(drive)) return;
      await sendUntilTaken(drive, connection, numbersOf(drive, request));
    }
  } finally {
    connection.close();
  }
}

/** The events of a request: those that are its own, and some once more. */
function numbersOf({ options, later, counts }: Drive, request: number): Numbers {
  const { first: firstNumber, batchEvents, twiceShare, random } = options;
  const first = firstNumber + request * batchEvents;
  const again: number[] = [];
  for (let number = first; number < first + batchEvents; number += 1) {
    if (random() < twiceShare / 2) again.push(number);
  }
  while (later.length > 0 && again.length < batchEvents) again.push(later.pop() ?? 0);
  counts.events += batchEvents;
  return { first, count: batchEvents, again };
}

interface Numbers {
  readonly first: number;
  readonly count: number;
  readonly again: readonly number[];
}

/** Sends one request until it has a verdict, or was repeated often enough. */
async function sendUntilTaken(
  drive: Drive,
  connection: HttpConnection,
  numbers: Numbers,
): Promise<void> {
  const { options } = drive;
  const body = bodyOf(drive, numbers);
  for (let attempt = 0; attempt <= options.repeatsMax;) {
    const startedMs = performance.now();
    try {
      const answer = await connection.post(body);
      countAnswer(drive, answer, performance.now() - startedMs);
      if (answer.status < 500) {
        noteVerdict(drive, numbers, answer);
        return;
      }
    } catch (error) {
      if (!(error instanceof BrokenRequest)) throw error;
      if (!error.sent) {
        // It never left; there is nothing to write down.
        if (!mayGoOn(drive)) return;
        await Bun.sleep(PAUSE_MS);
        continue;
      }
      drive.counts.broken += 1;
    }
    note(drive, "unknown", numbers);
    attempt += 1;
    await Bun.sleep(PAUSE_MS);
  }
}

/** One event alone is no array; invalid ones lack their payload. */
function bodyOf({ options }: Drive, { first, count, again }: Numbers): string {
  const numbers = [...Array.from({ length: count }, (_, index) => first + index), ...again];
  const texts = numbers.map((number) =>
    isInvalid(options, number) ? invalidJson(options.run, number) : sentJson(options.run, number),
  );
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts}]`;
}

/** A function of the number, so that a repetition is as wrong as the first. */
function isInvalid({ invalidShare }: DriveOptions, number: number): boolean {
  return ((number * 2_654_435_761) % 4_294_967_296) / 4_294_967_296 < invalidShare;
}

function invalidJson(run: RunOfEvents, number: number): string {
  const { eventId, sessionId } = expectedEvent(run, number);
  return JSON.stringify({ eventId, sessionId, eventType: "no payload" });
}

function countAnswer({ counts, latencyUs }: Drive, answer: HttpAnswer, ms: number): void {
  if (answer.status === 202) {
    latencyUs.recordValue(Math.round(ms * 1000));
    counts.acceptedMsP99 = latencyUs.getValueAtPercentile(99) / 1000;
  } else if (answer.status === 503) {
    counts.unavailable += 1;
    counts.unavailableMsMax = Math.max(counts.unavailableMsMax, ms);
    if (!answer.hasRetryAfter) counts.unavailableWithoutRetryAfter += 1;
  } else if (answer.status >= 500) counts.otherErrors += 1;
}

/** What a 202 or a 4xx says of each event. */
function noteVerdict(drive: Drive, numbers: Numbers, { status, body }: HttpAnswer): void {
  if (status !== 202) {
    note(drive, "refused", numbers);
    return;
  }
  const { first, count, again } = numbers;
  const isBatch = count + again.length > 1;
  const rejected = new Set(isBatch ? rejectedIndexes(body) : []);
  noteRuns(drive, { first, count }, rejected);
  for (const [index, number] of again.entries()) {
    const outcome = rejected.has(count + index) ? "refused" : "acknowledged";
    note(drive, outcome, { first: number, count: 1, again: [] });
  }
  sendLater(drive, { first, count }, rejected);
}

function rejectedIndexes(body: string): number[] {
  const { rejected } = JSON.parse(body) as { rejected: readonly { index: number }[] };
  return rejected.map(({ index }) => index);
}

/** One line for each run of acknowledged events, one for each that was refused. */
function noteRuns(
  drive: Drive,
  { first, count }: { first: number; count: number },
  rejected: ReadonlySet<number>,
): void {
  let from = 0;
  for (let index = 0; index <= count; index += 1) {
    if (index < count && !rejected.has(index)) continue;
    if (index > from) note(drive, "acknowledged", range(first + from, index - from));
    if (index < count) note(drive, "refused", range(first + index, 1));
    from = index + 1;
  }
}

function range(first: number, count: number): Numbers {
  return { first, count, again: [] };
}

/** Picks acknowledged events that a later request sends once more. */
function sendLater(
  { options, later }: Drive,
  { first, count }: { first: number; count: number },
  rejected: ReadonlySet<number>,
): void {
  for (let index = 0; index < count; index += 1) {
    if (rejected.has(index) || later.length >= LATER_MAX) continue;
    if (options.random() < options.twiceShare / 2) later.push(first + index);
  }
}

function note({ journal, counts }: Drive, outcome: Outcome, numbers: Numbers): void {
  journal.note(outcome, numbers);
  for (const number of numbers.again) journal.note(outcome, { first: number, count: 1 });
  counts[outcome] += numbers.count + numbers.again.length;
}

function mayGoOn({ options, startedMs }: Drive): boolean {
  return !options.signal.aborted && performance.now() - startedMs < options.seconds * 1000;
}

async function waitUntil(atMs: number, signal: AbortSignal): Promise<void> {
  // In steps, so that a stop is noticed during a long wait.
  while (!signal.aborted && performance.now() < atMs) {
    await Bun.sleep(Math.min(100, Math.max(0, atMs - performance.now())));
  }
}
