/**
 * Runs statements: waits for their answers up to a bound, and translates what the driver throws
 * into the system's codes.
 */
import postgres from "postgres";
import { PipelineError } from "../error.ts";
import { settledWithin, withinTime } from "../wait.ts";
import { factsOf, watchSilence, type Database } from "./connect.ts";
import { refusalOf } from "./refusals.ts";

/**
 * Waits for an answer, up to `msMax`. The server ends every statement by its own timeouts, but a
 * connection that was cut at the wrong moment has been seen to leave its statement without an
 * outcome, and a host that dies says nothing at all. A caller that repeats the statement must not
 * depend on whether it was executed.
 *
 * A statement that is given up occupies its connection, and the driver would send the repetition
 * over it, too. So the connections of the pool end that stay silent for longer than a statement may
 * run by their sessions' timeout. One that set itself a longer timeout is repeated by its caller.
 *
 * @throws {PipelineError} `database_unavailable`, retryable, after `msMax`.
 */
export async function answered<T>(sql: Database, answer: Promise<T>, msMax: number): Promise<T> {
  const outcome = answer.then((value) => ({ value }));
  const halfMs = msMax / 2;
  const early = await withinTime(outcome, halfMs);
  if (early !== null) return early.value;
  const endSilent = watchSilence(sql);
  const late = await withinTime(outcome, halfMs);
  if (late !== null) return late.value;
  const restMs = timeoutMsOf(sql) + NETWORK_MS - halfMs;
  if (restMs <= 0) await endSilent();
  else void settledWithin(outcome, restMs).then((isSettled) => isSettled || endSilent());
  throw new PipelineError(
    "database_unavailable",
    `Cannot run statement: no answer in ${msMax / 1000} s`,
  );
}

// How much later than its timeout the end of a statement is known.
const NETWORK_MS = 1000; // chosen
// Above the longest statement timeout that can be set (60 s).
const ANSWER_MS_MAX = 65_000;
// The most statements of one run, so that their timeouts end them first; a longer run has a bound
// of its own.
const STATEMENTS_MAX = 4;
// For reconnecting and the network.
const CONNECT_MS = 3000; // chosen

/** How long the answers of a run of statements may take, by the timeout of the pool's sessions. */
function answerMsOf(sql: Database): number {
  const timeoutMs = timeoutMsOf(sql);
  if (timeoutMs === 0) return ANSWER_MS_MAX;
  return Math.min(ANSWER_MS_MAX, STATEMENTS_MAX * timeoutMs + CONNECT_MS);
}

/** The timeout of the pool's sessions for a statement; 0 for none. */
function timeoutMsOf(sql: Database): number {
  return Number(factsOf(sql)?.settings["statement_timeout"] ?? 0);
}

/**
 * Runs statements in a pool, translates their errors, and waits for them.
 *
 * @param msMax Longest wait; when absent, by the timeout of the pool's sessions.
 */
export async function guarded<T>(
  sql: Database,
  run: () => Promise<T>,
  msMax = answerMsOf(sql),
): Promise<T> {
  try {
    return await answered(sql, run(), msMax);
  } catch (error) {
    throw translate(error);
  }
}

// Only these classes can blame a row: data exception, integrity constraint, program limit. Every
// other state, known or not, is about the server and pauses the pipeline.
const ROW_CLASSES: ReadonlySet<string> = new Set(["22", "23", "54"]);

/** Whether a row may be the reason for an SQLSTATE. */
export function blamesRow(state: string): boolean {
  return ROW_CLASSES.has(state.slice(0, 2));
}

/** The PipelineError for what postgres.js threw; a PipelineError passes as it is. */
export function translate(error: unknown): PipelineError {
  if (error instanceof PipelineError) return error;
  const state = sqlState(error);
  const message = error instanceof Error ? error.message : String(error);
  const text = `Cannot run statement: ${state === null ? "" : `${state}, `}${message}`;
  const socketCode = (error as { readonly code?: unknown } | null)?.code;
  const refusal = refusalOf({ state, socketCode: String(socketCode ?? ""), message });
  if (refusal !== null) {
    const { code, remedy } = refusal;
    return new PipelineError(code, text, { cause: error, ...(remedy === null ? {} : { remedy }) });
  }
  const isOfRow = state !== null && blamesRow(state);
  return new PipelineError(isOfRow ? "database_rejected" : "database_unavailable", text, {
    cause: error,
  });
}

/** The five characters of a server error, or null for other errors (socket errors, for example). */
export function sqlState(error: unknown): string | null {
  return error instanceof postgres.PostgresError ? error.code : null;
}

/** Whether a statement was ended because it ran too long, not because it waited for a lock. */
export function isTimedOut(error: unknown): boolean {
  return sqlState(error) === "57014";
}

/** The DETAIL of a server error, or "" when it has none. */
export function errorDetail(error: unknown): string {
  return error instanceof postgres.PostgresError ? (error.detail ?? "") : "";
}
