/**
 * Runs statements: waits for their answers up to a bound, and translates what the driver throws
 * into the system's codes.
 */
import postgres from "postgres";
import { PipelineError } from "../error.ts";
import { withinTime } from "../wait.ts";
import { refusalOf } from "./refusals.ts";

/**
 * Waits for an answer, up to `msMax`. The server ends every statement by its own timeouts, but a
 * connection that was cut at the wrong moment has been seen to leave its statement without an
 * outcome. A caller that repeats the statement must not depend on whether it was executed.
 *
 * @throws {PipelineError} `database_unavailable`, retryable, after `msMax`.
 */
export async function answered<T>(answer: Promise<T>, msMax: number): Promise<T> {
  const inTime = await withinTime(
    answer.then((value) => ({ value })),
    msMax,
  );
  if (inTime !== null) return inTime.value;
  throw new Unanswered("database_unavailable", `Cannot run statement: no answer in ${msMax} ms`);
}

class Unanswered extends PipelineError {}

/** Whether a statement was given up, and still holds its connection. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Unanswered;
}

// Above the longest statement timeout that can be set (60 s).
const ANSWER_MS_MAX = 65_000;

/** Runs statements, translates their errors, and waits for them up to `msMax`. */
export async function guarded<T>(run: () => Promise<T>, msMax = ANSWER_MS_MAX): Promise<T> {
  try {
    return await answered(run(), msMax);
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
