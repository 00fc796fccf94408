/** Runs the commands of `bun run counts`. */
import type { Config } from "@tally/shared";
import type { Progress } from "@tally/shared/terminal/progress";
import { guarded, type Database } from "@tally/shared/database";

import { readFill } from "../../counts/differences.ts";
import { addDifferences, planChunks, registerTypesOfRows } from "../../counts/fill.ts";
import { openDatabase } from "../../database/database.ts";
import { READ_RIGHTS, TABLE_RIGHTS } from "../../database/rights.ts";
import { refuseTables } from "../refuse_tables.ts";
import type { CountsCommand } from "./arguments.ts";

/** 0: done; 1: refused. */
export type ExitCode = 0 | 1;

export interface RunOptions {
  readonly config: Pick<Config<"processor">, "database">;
  readonly print: (text: string) => void;
  readonly progress: Progress;
}

/**
 * Runs one command.
 *
 * @throws {PipelineError} `database_unavailable`; `database_misconfigured`, `database_read_only`,
 *   `config_invalid` when the server or the role is not fit.
 */
export async function runCounts(command: CountsCommand, options: RunOptions): Promise<ExitCode> {
  const { config, print } = options;
  const { schema } = config.database;
  const sql = openDatabase(config, "tally-counts");
  try {
    const needs = command.name === "show" ? READ_RIGHTS : { ...READ_RIGHTS, ...REBUILD_RIGHTS };
    const unfit = await refuseTables(sql, { schema, needs });
    if (unfit !== null) {
      print(`${unfit}\n`);
      return 1;
    }
    if (command.name === "rebuild") return await rebuild(sql, command, options);
    print(await describe(sql));
    return 0;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** What `rebuild` changes. */
const REBUILD_RIGHTS = Object.fromEntries(
  ["counted_types", "minute_counts", "hour_counts", "hour_totals", "positions"].map((table) => [
    table,
    TABLE_RIGHTS[table] ?? [],
  ]),
);

async function describe(sql: Database): Promise<string> {
  const { isComplete, filledTo } = await guarded(sql, () => readFill(sql));
  const [held] = await guarded(
    sql,
    () => sql<{ events: string; late: string; minutes: string; quarters: string; hours: string }[]>`
      select coalesce(sum(events), 0)::text as events, coalesce(sum(late), 0)::text as late,
        (select count(*)::text from minute_counts) as minutes,
        (select count(*)::text from quarter_counts) as quarters,
        (select count(*)::text from hour_totals) as hours
      from counted_totals('-infinity', 'infinity')`,
  );
  const { events = "0", late = "0", minutes = "0", quarters = "0", hours = "0" } = held ?? {};
  const whole = (count: string): string => BigInt(count).toLocaleString("en");
  const many = (count: string, noun: string): string =>
    `${whole(count)} ${noun}${count === "1" ? "" : "s"}`;
  const upTo = filledTo === null ? "none of them yet" : `those before ${filledTo}`;
  const fill = isComplete
    ? "All rows are counted."
    : `A processor counts the rows from before the upgrade: ${upTo}.`;
  return `${fill}
Counted are ${many(events, "event")}, ${whole(late)} of them late.
They are kept in ${many(minutes, "count")} of a minute, ${whole(quarters)} of a quarter of an hour and ${whole(hours)} of an hour.
"bun run audit" compares them with the rows.
`;
}

/** Adds what is missing, chunk by chunk. */
async function rebuild(
  sql: Database,
  { from, to }: CountsCommand,
  { print, progress }: RunOptions,
): Promise<ExitCode> {
  const { rowsKeptFrom } = await guarded(sql, () => readFill(sql));
  const isCut = rowsKeptFrom !== null && (from === null || from < rowsKeptFrom);
  const range = { from: isCut ? rowsKeptFrom : from, to };
  const types = progress.step("types");
  await registerTypesOfRows(sql, range);
  types.done("registered");
  const days = progress.step("rows");
  const chunks = await planChunks(sql, range);
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  days.done(`${rows.toLocaleString("en")} rows`);
  const step = progress.step("rebuilding", rows);
  let done = 0;
  let changed = 0;
  for (const chunk of chunks) {
    const outcome = await addDifferences(sql, chunk);
    if (outcome.kind === "busy") {
      step.fail("another process adds to the counts");
      print("Another process adds to the counts now: try again when it is done.\n");
      return 1;
    }
    changed += outcome.changedHours;
    done += chunk.rows;
    step.show(done, `up to ${chunk.to}`);
  }
  step.done(`${rows.toLocaleString("en")} rows`);
  print(
    changed === 0
      ? "The counts were equal to the rows: nothing was changed.\n"
      : `The counts of ${changed.toLocaleString("en")} hours were changed, and are equal to the rows now.\n`,
  );
  return 0;
}
