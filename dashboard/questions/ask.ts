/**
 * Asks the processor, and turns every ending into a value that a view can show. The processor
 * answers two questions at a time: this page sends it no more, and waits its turn after a 503.
 */
import { backoffMs } from "@tally/shared/backoff";
import type { Clock } from "../stream/stream.ts";
import type { FunnelAnswer, FunnelQuestion, QueryAnswer, Question } from "./question.ts";

/** How a request ended. */
export type Outcome<T> =
  | { readonly kind: "answered"; readonly answer: T }
  /** The processor says no, in words; `code` is stable, null when it was not the processor. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code: string | null;
      readonly title: string;
      readonly detail: string | null;
    }
  /** No answer: the processor is away, or something on the way is. */
  | { readonly kind: "unreachable" }
  /** The page took back its question. */
  | { readonly kind: "aborted" };

/** Why there is no answer. */
export type Problem = Exclude<Outcome<unknown>, { kind: "answered" | "aborted" }>;

/** Whether a problem passes by itself: something is away, and the same request works later. */
export function isPassing(problem: Problem | null): boolean {
  return problem?.kind === "unreachable" || (problem?.kind === "refused" && problem.status >= 500);
}

export interface Request {
  /** Relative to the page, which a proxy may serve below a path: without a slash at its start. */
  readonly path: string;
  /** Sent as JSON by POST; a GET when absent. */
  readonly body?: unknown;
  readonly accept?: string;
}

/** The page's way to the processor. */
export interface Asker {
  /** Asks for JSON; the caller knows its form. */
  ask<T>(request: Request, signal: AbortSignal): Promise<Outcome<T>>;
  /** Asks for a text, such as CSV. */
  askText(request: Request, signal: AbortSignal): Promise<Outcome<string>>;
}

export interface AskerOptions {
  readonly fetch: (url: string, options: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  /** 0 to 1; spreads the repeats of many pages. */
  readonly random: () => number;
  /** Called for every answer 401: the page must ask for a key. */
  readonly onKeyMissing: () => void;
}

/** Questions in flight at a time; the processor takes no more, either. */
export const IN_FLIGHT_MAX = 2;
/** Attempts at a question that gets 503. // chosen */
export const ATTEMPTS_MAX = 5;
/** Pauses between them. // chosen */
export const PAUSE = { msMin: 300, msMax: 4000 };

export function createAsker(options: AskerOptions): Asker {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  const enter = async (): Promise<void> => {
    // The one that leaves hands its place over, so that none is taken in between.
    if (inFlight >= IN_FLIGHT_MAX) return new Promise((resolve) => waiting.push(resolve));
    inFlight += 1;
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) inFlight -= 1;
    else next();
  };
  const askOnce = async <T>(
    request: Request,
    { signal, read }: { signal: AbortSignal; read: (response: Response) => Promise<T> },
  ): Promise<Outcome<T>> => {
    await enter();
    try {
      if (signal.aborted) return { kind: "aborted" };
      const response = await options.fetch(request.path, optionsOf(request, signal));
      if (response.status === 401) options.onKeyMissing();
      if (!response.ok) return await readRefusal(response);
      return { kind: "answered", answer: await read(response) };
    } catch {
      // Taken back, or the network: fetch tells neither by a type.
      return { kind: signal.aborted ? "aborted" : "unreachable" };
    } finally {
      leave();
    }
  };
  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const cancel = options.clock.after(ms, resolve);
      signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
    });
  const askUntilTaken = async <T>(
    request: Request,
    way: { signal: AbortSignal; read: (response: Response) => Promise<T> },
  ): Promise<Outcome<T>> => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await askOnce(request, way);
      const isBusy = outcome.kind === "refused" && outcome.code === "overloaded";
      if (!isBusy || attempt >= ATTEMPTS_MAX) return outcome;
      await pause(backoffMs(attempt, PAUSE, options.random()), way.signal);
    }
  };
  return {
    ask: (request, signal) =>
      askUntilTaken(request, { signal, read: (response) => response.json() }),
    askText: (request, signal) =>
      askUntilTaken(request, { signal, read: (response) => response.text() }),
  };
}

export function askQuery(asker: Asker, question: Question, signal: AbortSignal) {
  return asker.ask<QueryAnswer>({ path: "api/v2/query", body: question }, signal);
}

export function askFunnel(asker: Asker, question: FunnelQuestion, signal: AbortSignal) {
  return asker.ask<FunnelAnswer>({ path: "api/v2/funnel", body: question }, signal);
}

/** An ending without an answer, as one sentence. */
export function describeOutcome(outcome: Exclude<Outcome<unknown>, { kind: "answered" }>): string {
  switch (outcome.kind) {
    case "aborted":
      return "The question was taken back.";
    case "unreachable":
      return "The processor can't be reached. The page asks again when it is back.";
    case "refused": {
      if (outcome.code === "overloaded") return "Too many questions are asked now. Try again.";
      return `${outcome.title}.${outcome.detail === null ? "" : ` ${sentence(outcome.detail)}`}`;
    }
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function optionsOf({ body, accept }: Request, signal: AbortSignal): RequestInit {
  const headers = { accept: accept ?? "application/json" };
  if (body === undefined) return { headers, signal };
  return {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  };
}

async function readRefusal(response: Response): Promise<Outcome<never>> {
  const fields = await readFields(response);
  const text = (name: string): string | null => {
    const field = fields.get(name);
    return typeof field === "string" ? field : null;
  };
  return {
    kind: "refused",
    status: response.status,
    code: text("code"),
    title: text("title") ?? `Something on the way to the processor answers ${response.status}`,
    detail: text("detail"),
  };
}

/** The fields of an answer; none when it is no JSON object. */
export async function readFields(response: Response): Promise<Map<string, unknown>> {
  try {
    const value: unknown = await response.json();
    return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
  } catch {
    // No JSON: a proxy's page.
    return new Map();
  }
}
