/**
 * Sends the load: connections take the requests of the schedule in order, wait
 * until each is due, post it and write down what became of its events.
 */
import { build, type Histogram } from "hdr-histogram-js";

import { BrokenRequest, HttpConnection, type HttpTarget } from "./http_connection.ts";
import type { HttpAnswer } from "./http_answer.ts";
import type { Ledger } from "../load/ledger.ts";
import { requestBody, type RunIds } from "../load/event.ts";
import type { Schedule } from "./schedule.ts";

/** What to send, and where to write down what came of it. */
export interface Load {
  readonly target: HttpTarget;
  readonly ids: RunIds;
  readonly schedule: Schedule;
  readonly seconds: number;
  readonly connections: number;
  readonly ledger: Ledger;
  /** Ends the sending early; requests in flight are still answered. */
  readonly signal: AbortSignal;
}

/** What a run measured; lives while it runs. */
export interface Measurements {
  /** Microseconds from the due time (closed loop: from sending) to the answer, a request each. */
  readonly latencyUs: Histogram;
  /** Requests by status, or by why there was no answer. */
  readonly answers: Map<string, number>;
  elapsedMs: number;
}

/** Behind a slow service, an open loop may send this much longer than it was asked to, ms. */
const LATE_MS_MAX = 10_000;
/** Pause after a request that the service could not take, ms: a closed loop must not spin. */
const REFUSED_PAUSE_MS = 100;
// One hour in µs: no latency is longer, as answers are waited for some seconds.
const LATENCY_US_MAX = 3_600_000_000;

/** Makes empty measurements. */
export function createMeasurements(): Measurements {
  return {
    latencyUs: build({ highestTrackableValue: LATENCY_US_MAX, numberOfSignificantValueDigits: 3 }),
    answers: new Map(),
    elapsedMs: 0,
  };
}

/** Sends the whole schedule; resolves when every request that left has its outcome. */
export async function drive(load: Load, measured: Measurements): Promise<void> {
  const startedAt = performance.now();
  let next = 0;
  const takeRequest = () => (next < load.schedule.requestsMax ? next++ : null);
  const run = { load, measured, startedAt, takeRequest };
  await Promise.all(Array.from({ length: load.connections }, () => useConnection(run)));
  measured.elapsedMs = performance.now() - startedAt;
}

interface Run {
  readonly load: Load;
  readonly measured: Measurements;
  readonly startedAt: number;
  readonly takeRequest: () => number | null;
}

/** One connection from its first request to its last. */
async function useConnection(run: Run): Promise<void> {
  const { load, startedAt, takeRequest } = run;
  const connection = new HttpConnection(load.target);
  try {
    while (mayGoOn(run)) {
      const request = takeRequest();
      if (request === null) return;
      const dueMs = load.schedule.dueMs(request);
      if (dueMs !== null) await waitUntil(startedAt + dueMs, load.signal);
      const body = requestBody(load.ids, load.schedule.events(request));
      const from = dueMs === null ? performance.now() : startedAt + dueMs;
      await sendOne(run, connection, { request, body, from });
    }
  } finally {
    connection.close();
  }
}

/** Sends one request until it has left: one that never reached the service is sent again. */
async function sendOne(
  run: Run,
  connection: HttpConnection,
  { request, body, from }: { request: number; body: string; from: number },
): Promise<void> {
  const { load, measured } = run;
  const events = load.schedule.events(request);
  while (mayGoOn(run)) {
    try {
      const answer = await connection.post(body);
      measured.latencyUs.recordValue(Math.round((performance.now() - from) * 1000));
      countAnswer(measured, String(answer.status));
      writeDown(load.ledger, events, answer);
      if (answer.status === 429 || answer.status >= 500) await pause(REFUSED_PAUSE_MS);
      return;
    } catch (error) {
      if (!(error instanceof BrokenRequest)) throw error;
      countAnswer(measured, error.message);
      if (error.sent) load.ledger.set("unknown", events);
      await pause(REFUSED_PAUSE_MS);
      if (error.sent) return;
    }
  }
}

/** The outcome of each event of one answered request. */
function writeDown(
  ledger: Ledger,
  events: { first: number; count: number },
  { status, body }: HttpAnswer,
): void {
  if (status !== 202) {
    ledger.set(status >= 400 && status < 500 ? "rejected" : "unknown", events);
    return;
  }
  ledger.set("accepted", events);
  if (events.count === 1) return;
  const { rejected } = JSON.parse(body) as { rejected: readonly { index: number }[] };
  for (const { index } of rejected) ledger.reject(events.first + index);
}

function mayGoOn({ load, startedAt }: Run): boolean {
  const late = load.schedule.dueMs(0) === null ? 0 : LATE_MS_MAX;
  const elapsedMs = performance.now() - startedAt;
  return !load.signal.aborted && elapsedMs < load.seconds * 1000 + late;
}

const ANSWERS_MAX = 50;

/** Counts by text; texts beyond a bound count together. */
function countAnswer({ answers }: Measurements, text: string): void {
  const key = answers.has(text) || answers.size < ANSWERS_MAX ? text : "other";
  answers.set(key, (answers.get(key) ?? 0) + 1);
}

async function waitUntil(atMs: number, signal: AbortSignal): Promise<void> {
  // In steps, so that a stop is noticed during a long wait.
  while (!signal.aborted) {
    const restMs = atMs - performance.now();
    if (restMs <= 0) return;
    await pause(Math.min(restMs, 200));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
