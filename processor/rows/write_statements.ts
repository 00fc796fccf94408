/**
 * The two statements that write rows, each of which stores all of a batch or
 * nothing (P3): one for any batch, and a cheaper one for new events. Their text is
 * in the SQL files; here their answers become outcomes.
 */
import {
  answered,
  blamesRow,
  factsOf,
  sqlState,
  translate,
  type Database,
} from "@tally/shared/database";
import {
  statementParameters,
  sumParameters,
  sumsOf,
  type Parameter,
  type StatementInput,
} from "./statement_parameters.ts";
import countOldEventsSql from "./count_old_events.sql" with { type: "text" };
import writeBatchSql from "./write_batch.sql" with { type: "text" };
import writeNewEventsSql from "./write_new_events.sql" with { type: "text" };
import { outcomeOfError, type Outcome } from "./write_outcome.ts";

/** Where the statements run, and for which log. */
export interface StatementTarget {
  readonly sql: Database;
  /** Number of the log in the tables. */
  readonly logNumber: number;
  /** Longest wait for the outcome of a statement, ms; above the server's own timeouts. */
  readonly answerMsMax: number;
}

/** Stores any batch. */
export const WRITE_BATCH = withoutComments(writeBatchSql);
/** Stores batches of new events. */
export const WRITE_NEW_EVENTS = withoutComments(writeNewEventsSql);
/** The same with events that are counted by quarter of an hour. */
export const WRITE_OLD_EVENTS = WRITE_NEW_EVENTS.replace(
  "\nminutes as (",
  `\n${withoutComments(countOldEventsSql).trimEnd()},\nminutes as (`,
);

const UNIQUE_VIOLATION = "23505";
// One batch of a group may be the reason: a wait for a lock or an id (lock and statement timeout),
// serialisation failure, deadlock.
const PERHAPS_OF_ONE: ReadonlySet<string> = new Set(["55P03", "57014", "40001", "40P01"]);

/** Writes any batch by `WRITE_BATCH`. */
export async function writeBatch(
  target: StatementTarget,
  input: StatementInput,
): Promise<Outcome<"written" | "moved" | "conflict" | "unsettled" | "refused">> {
  try {
    const [counts] = await run<Counts>(target, WRITE_BATCH, parametersOf(target, [input]));
    return counts === undefined ? { kind: "moved" } : written(input, counts);
  } catch (error) {
    return outcomeOfError(error);
  }
}

/**
 * Writes batches of new events by `WRITE_NEW_EVENTS`.
 *
 * @param group Batches of different partitions; each has 1 event or more and nothing else.
 * @returns The outcome of each batch, in the same order.
 */
export async function writeNewEvents(
  target: StatementTarget,
  group: readonly StatementInput[],
): Promise<readonly NewEventsOutcome[]> {
  try {
    const sums = sumsOf(group);
    const parameters = [...parametersOf(target, group), ...sumParameters(sums)];
    const statement = sums.every(({ isMinute }) => isMinute) ? WRITE_NEW_EVENTS : WRITE_OLD_EVENTS;
    const rows = await run<{ partition: number }>(target, statement, parameters);
    const stored = new Set(rows.map(({ partition }) => partition));
    return group.map((input) =>
      stored.has(input.batch.partition)
        ? written(input, { events: input.parts.events.length, duplicates: 0, reread: 0 })
        : { kind: "moved" },
    );
  } catch (error) {
    const outcome = outcomeOfGroup(error, group.length);
    return group.map(() => outcome);
  }
}

/** The kinds that `writeNewEvents` returns. */
export type NewEventsOutcome = Outcome<
  "written" | "moved" | "known_id" | "shared_fault" | "conflict" | "unsettled" | "refused"
>;

/** The outcome of each batch when the statement of a group ended with an error. */
function outcomeOfGroup(error: unknown, batches: number): NewEventsOutcome {
  const state = sqlState(error) ?? "";
  if (state === UNIQUE_VIOLATION) return { kind: "known_id" };
  if (batches === 1) return outcomeOfError(error);
  if (blamesRow(state) || PERHAPS_OF_ONE.has(state)) return { kind: "shared_fault" };
  throw translate(error);
}

/** What `WRITE_BATCH` returns; no row when it did not write. */
type Counts = Pick<Outcome<"written">, "events" | "duplicates" | "reread">;

function written({ batch, parts }: StatementInput, counts: Counts): Outcome<"written"> {
  const deadLetters = parts.deadLetters.map(({ code }) => code);
  return { kind: "written", batch, ...counts, deadLetters };
}

function parametersOf(
  { sql, logNumber }: StatementTarget,
  inputs: readonly StatementInput[],
): Parameter[] {
  const schema = factsOf(sql)?.schema ?? null;
  return [...statementParameters(logNumber, inputs), schema];
}

async function run<Row extends object>(
  { sql, answerMsMax }: StatementTarget,
  text: string,
  parameters: Parameter[],
): Promise<readonly Row[]> {
  return await answered(sql, sql.unsafe<Row[]>(text, parameters, { prepare: true }), answerMsMax);
}

/** A statement without its comment lines: the server logs all of its text with every error. */
function withoutComments(statement: string): string {
  return statement.replace(/^ *--.*\n/gm, "");
}
