/**
 * Sends a load: connections take the requests of a schedule in order, wait until
 * each is due, post it, and report its outcome before they send the next one.
 */
import type { HttpAnswer } from "./http_answer.ts";
import { BrokenRequest, HttpConnection, type HttpTarget } from "./http_connection.ts";
import type { NumberRange } from "./ledger.ts";
import type { Schedule } from "./schedule.ts";

/** A request: its body is all that the driver reads of it. */
export interface Postable {
  /** JSON of ASCII characters. */
  readonly body: string;
}

/** What to send, and what is called with the outcomes. */
export interface Load<Request extends Postable> {
  /** The connections are spread evenly over these. */
  readonly targets: readonly [HttpTarget, ...HttpTarget[]];
  readonly connections: number;
  readonly schedule: Schedule;
  /** How long to send. */
  readonly seconds: number;
  /** How much longer an open loop may send when the service is slow, ms. */
  readonly lateMsMax: number;
  /** How often a request is repeated that got a 5xx or no answer. */
  readonly repeatsMax: number;
  /** Pause after a request that the service did not take, ms: the driver must not spin. */
  readonly pauseMs: number;
  /** Makes the request of these events; called when it is due. */
  makeRequest(events: NumberRange): Request;
  /** Called for each attempt; the connection sends again after it returns. */
  onOutcome(request: Request, outcome: RequestOutcome): void;
  /** Ends the sending early; requests in flight still get their outcome. */
  readonly signal: AbortSignal;
}

/** How one attempt to send a request ended. */
export type RequestOutcome =
  | {
      readonly kind: "answered";
      readonly answer: HttpAnswer;
      /** Time from sending to the answer. */
      readonly answerMs: number;
      /** Time from the due time, in a closed loop from the first attempt, to the answer. */
      readonly latencyMs: number;
    }
  /** The request was sent, and no answer came. */
  | { readonly kind: "broken"; readonly reason: string }
  /** The request never left; the driver sends it again. */
  | { readonly kind: "unsent"; readonly reason: string };

/** Sends the whole schedule; resolves with the time it took, ms, when every request has ended. */
export async function drive<Request extends Postable>(load: Load<Request>): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const takeRequest = () => (next < load.schedule.requestsMax ? next++ : null);
  const run: Run<Request> = { load, startedAt, takeRequest };
  const connections = Array.from({ length: load.connections }, (_, index) =>
    useConnection(run, load.targets[index % load.targets.length] ?? load.targets[0]),
  );
  await Promise.all(connections);
  return performance.now() - startedAt;
}

interface Run<Request extends Postable> {
  readonly load: Load<Request>;
  readonly startedAt: number;
  /** The number of the next request, or null after the last one. */
  readonly takeRequest: () => number | null;
}

/** Uses one connection from its first request to its last. */
async function useConnection<Request extends Postable>(
  run: Run<Request>,
  target: HttpTarget,
): Promise<void> {
  const { load, startedAt, takeRequest } = run;
  const connection = new HttpConnection(target);
  try {
    while (mayContinue(run)) {
      const number = takeRequest();
      if (number === null) return;
      const dueMs = load.schedule.dueMs(number);
      if (dueMs !== null) await waitUntil(startedAt + dueMs, load.signal);
      if (!mayContinue(run)) return;
      const request = load.makeRequest(load.schedule.events(number));
      const dueAt = dueMs === null ? performance.now() : startedAt + dueMs;
      await sendUntilTaken(run, connection, { request, dueAt });
    }
  } finally {
    connection.close();
  }
}

/** Sends one request until the service takes it, or it was repeated often enough. */
async function sendUntilTaken<Request extends Postable>(
  run: Run<Request>,
  connection: HttpConnection,
  { request, dueAt }: { readonly request: Request; readonly dueAt: number },
): Promise<void> {
  const { repeatsMax, pauseMs, onOutcome } = run.load;
  let repeats = 0;
  do {
    const outcome = await post(connection, request.body, dueAt);
    onOutcome(request, outcome);
    const status = outcome.kind === "answered" ? outcome.answer.status : null;
    const hasVerdict = status !== null && status < 500;
    if (hasVerdict && status !== TOO_MANY_REQUESTS) return;
    await Bun.sleep(pauseMs);
    if (hasVerdict) return;
    // What never left is no repetition: it is sent again as long as the load lasts.
    if (outcome.kind !== "unsent") repeats += 1;
    else if (!mayContinue(run)) return;
  } while (repeats <= repeatsMax);
}

const TOO_MANY_REQUESTS = 429;

async function post(
  connection: HttpConnection,
  body: string,
  dueAt: number,
): Promise<RequestOutcome> {
  const sentAt = performance.now();
  try {
    const answer = await connection.post(body);
    const answeredAt = performance.now();
    const [answerMs, latencyMs] = [answeredAt - sentAt, answeredAt - dueAt];
    return { kind: "answered", answer, answerMs, latencyMs };
  } catch (error) {
    if (!(error instanceof BrokenRequest)) throw error;
    return { kind: error.sent ? "broken" : "unsent", reason: error.message };
  }
}

/** In a closed loop only time ends the load; in an open loop the schedule ends it before. */
function mayContinue<Request extends Postable>({ load, startedAt }: Run<Request>): boolean {
  const lateMs = load.schedule.dueMs(0) === null ? 0 : load.lateMsMax;
  return !load.signal.aborted && performance.now() - startedAt < load.seconds * 1000 + lateMs;
}

/** Longest sleep, ms: a stop is noticed after at most this long. */
const SLEEP_MS_MAX = 100;

/** Sleeps in steps: a listener on the signal for each request costs more than a timer. */
async function waitUntil(atMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const restMs = atMs - performance.now();
    if (restMs <= 0) return;
    await Bun.sleep(Math.min(restMs, SLEEP_MS_MAX));
  }
}
