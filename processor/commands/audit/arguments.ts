/** The command line of `bun run audit`: options and help. Pure. */
import {
  readCommandLine,
  type Answer,
  type BareCommand,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
import { fileName, wholeNumber } from "@tally/shared/terminal/option_values";

import { hourOption } from "../hour_option.ts";
import type { HourBounds } from "./hour_bounds.ts";

/** What to audit, and where the report goes. */
export interface AuditWanted extends HourBounds {
  /** One partition, or null for all. */
  readonly partition: number | null;
  /** File for the whole report, or null for none. */
  readonly jsonFile: string | null;
}

const PARTITION_MAX = 999_999_999;

/** Reads the words of the command line. */
export function parseAuditArguments(words: readonly string[]): CommandLine<AuditWanted> {
  return readCommandLine(words, INFO, declareOptions);
}

function declareOptions(program: BareCommand, { run }: Answer<AuditWanted>): void {
  program
    .addOption(hourOption("--from <time>", { help: START_HELP, round: Math.floor }))
    .addOption(hourOption("--to <time>", { help: END_HELP, round: Math.ceil }))
    .addOption(
      wholeNumber("--partition <n>", "audit one partition (default: all)", {
        min: 0,
        max: PARTITION_MAX,
      }),
    )
    .addOption(fileName("--json <file>", "write the whole report, by partition and hour"))
    .action((options, command) => {
      const { from: fromMs = null, to: toMs = null, partition = null, json = null } = options;
      if (fromMs !== null && toMs !== null && fromMs >= toMs) {
        command.error("error: --from must be earlier than --to.");
      }
      run({ fromMs, toMs, partition, jsonFile: json });
    });
}

const START_HELP = "audit from this hour on: a date, or RFC 3339 with a zone (default: the start)";
const END_HELP = "audit up to this time; its hour counts as a whole (default: the positions)";

const INFO: CommandInfo = {
  name: "bun run audit",
  summary:
    "Accounts for every event: offsets of the log, rows, duplicates, dead letters and archive lines.",
  examples: [
    ["bun run audit", "audit everything up to the positions"],
    ["bun run audit --from 2026-01-31 --to 2026-02-01", "audit the events of one day"],
    ["bun run audit --partition 2 --json audit.json", "audit one partition, and keep the report"],
  ],
  notes: [
    "The audit reads the positions once and judges everything below them, so the system may run meanwhile. It downloads every archive object, checks its digest, and compares it with the rows line by line.",
    "With --from or --to it covers all offsets from the first to the last of those hours: by receive time for rows, by the hour in the key for objects.",
    'DATABASE_URL, S3_BUCKET_NAME, S3_ENDPOINT and KAFKA_BOOTSTRAP_SERVERS name other services than those of "bun run up". S3_ENABLED=false leaves the archive out.',
  ],
  exitCodes: {
    0: "clean",
    1: "something is wrong",
    2: "wrong use, or there is no verdict",
  },
};
