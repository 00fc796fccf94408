/** The command line of `bun run counts`: commands, options and help. Pure. */
import {
  readCommandLine,
  type Answer,
  type BareCommand,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";

import type { CountsRange } from "../../counts/differences.ts";
import { hourOption } from "../hour_option.ts";

/** A command of `bun run counts`. */
export interface CountsCommand extends CountsRange {
  readonly name: "show" | "rebuild";
}

/** Reads the words of the command line. */
export function parseCountsArguments(words: readonly string[]): CommandLine<CountsCommand> {
  return readCommandLine(words, INFO, declareCommands);
}

function declareCommands(program: BareCommand, { run }: Answer<CountsCommand>): void {
  program
    .command("show", { isDefault: true })
    .description("show how far existing rows are counted, and what the tables of counts hold")
    .action(() => run({ name: "show", from: null, to: null }));
  program
    .command("rebuild")
    .description("make the counts of a range equal to its rows")
    .addOption(hourOption("--from <time>", { help: FROM_HELP, round: Math.floor }))
    .addOption(hourOption("--to <time>", { help: TO_HELP, round: Math.ceil }))
    .action(({ from = null, to = null }, command) => {
      if (from !== null && to !== null && from >= to) {
        command.error("error: --from must be earlier than --to.");
      }
      run({ name: "rebuild", from: timeText(from), to: timeText(to) });
    });
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

const FROM_HELP = "rebuild from this hour on: a date, or RFC 3339 with a zone (default: all)";
const TO_HELP = "rebuild up to this time; its hour counts as a whole (default: all)";
const INFO: CommandInfo = {
  name: "bun run counts",
  summary: "Shows the counts of rows by time and type, and makes them equal to the rows.",
  examples: [
    ["bun run counts", "show how far existing rows are counted"],
    ["bun run counts rebuild --from 2026-01-31 --to 2026-02-01", "rebuild the counts of one day"],
    ["bun run counts rebuild", "rebuild all counts"],
  ],
  notes: [
    'The counts are part of each write, so nothing makes them differ from the rows but a change by hand. "bun run audit" compares them.',
    "rebuild reads rows and counts in one snapshot and adds the difference, so processors may run meanwhile, and it can be repeated or stopped at any time. It reads the rows of the range three times.",
    'DATABASE_URL and DATABASE_SCHEMA name another database than that of "bun run up".',
  ],
  exitCodes: {
    0: "done",
    1: "refused: the tables are missing, or another process adds to the counts",
    2: "wrong use, or PostgreSQL does not answer",
  },
};
