/** The command line of `bun run positions`: commands, options and help. Pure. */
import {
  readCommandLine,
  type Answer,
  type BareCommand,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
import { oneOf, parsedValue, wholeNumber } from "@tally/shared/terminal/option_values";
import type { Sink } from "../../pipeline/sink.ts";

/** One sink in one partition of the current topic. */
export interface Target {
  readonly sink: Sink["name"];
  readonly partition: number;
}

/** A command that changes nothing. */
export interface ShowCommand {
  readonly name: "show" | "explain";
}

/** Acknowledges losses: of one partition of the current and earlier logs, or all. */
export interface AcknowledgeCommand {
  readonly name: "acknowledge";
  readonly partition: number | null;
  readonly note: string | null;
  /** Null for the name of the user who runs the command. */
  readonly by: string | null;
  readonly isAgreed: boolean;
}

/** A command of `bun run positions`. */
export type PositionsCommand = ShowCommand | ChangeCommand | AcknowledgeCommand;

/** A command that changes a position. It does not ask first when `isAgreed`. */
export type ChangeCommand = { readonly target: Target; readonly isAgreed: boolean } & (
  | { readonly name: "rewind"; readonly to: bigint | "start" }
  | { readonly name: "resume"; readonly acceptLog: boolean }
);

const SINKS = ["postgres", "archive"] as const satisfies readonly Sink["name"][];
const PARTITIONS = { min: 0, max: 999_999 };

/** Reads the words of the command line. */
export function parsePositionsArguments(words: readonly string[]): CommandLine<PositionsCommand> {
  return readCommandLine(words, INFO, declareCommands);
}

function declareCommands(program: BareCommand, { run }: Answer<PositionsCommand>): void {
  program
    .command("show", { isDefault: true })
    .description("show position, lag and state of every sink and partition; one table per log")
    .action(() => run({ name: "show" }));
  program
    .command("explain")
    .description("explain each unusual state, and what can be done about it")
    .action(() => run({ name: "explain" }));
  program
    .command("rewind")
    .description(
      "move a position back, so that records are read again; nothing is written twice. The archive goes back to where one of its objects begins",
    )
    .addOption(sinkOption())
    .addOption(partitionOption())
    .addOption(offsetOption().makeOptionMandatory())
    .option("-y, --yes", "do not ask")
    .action(({ sink, partition, to, yes = false }) =>
      run({ name: "rewind", target: { sink, partition }, to, isAgreed: yes }),
    );
  program
    .command("resume")
    .description("let a stopped partition continue")
    .addOption(sinkOption())
    .addOption(partitionOption())
    .option(
      "--accept-log",
      "take the log as it is: the record before the position is no longer compared",
    )
    .option("-y, --yes", "do not ask")
    .action(({ sink, partition, acceptLog = false, yes = false }) =>
      run({ name: "resume", target: { sink, partition }, acceptLog, isAgreed: yes }),
    );
  program
    .command("acknowledge")
    .description(
      "take note of records that Kafka deleted before they were read: the alarm ends, and audit exits with 0 again",
    )
    .addOption(wholeNumber("--partition <n>", "only losses of this partition", PARTITIONS))
    .option("--note <text>", "what is known about it; kept with the loss")
    .option("--by <name>", "who acknowledges; the user of this machine when absent")
    .option("-y, --yes", "do not ask")
    .action(({ partition = null, note = null, by = null, yes = false }) =>
      run({ name: "acknowledge", partition, note, by, isAgreed: yes }),
    );
}

function sinkOption() {
  return oneOf(
    "--sink <postgres|archive>",
    "the sink whose position is changed",
    SINKS,
  ).makeOptionMandatory();
}

function partitionOption() {
  return wholeNumber("--partition <n>", "a partition's number", PARTITIONS).makeOptionMandatory();
}

function offsetOption() {
  return parsedValue(
    "--to <offset|start>",
    "the next offset to read; start: the first one that Kafka still has",
    { read: readOffset, allowed: "It must be an offset (a whole number from 0), or start." },
  );
}

function readOffset(text: string): bigint | "start" | null {
  if (text === "start") return text;
  return /^\d{1,18}$/.test(text) ? BigInt(text) : null;
}

const INFO: CommandInfo = {
  name: "bun run positions",
  summary: "Shows how far each sink has come in the log, and changes positions after asking.",
  examples: [
    ["bun run positions", "show every position"],
    ["bun run positions explain", "explain what has stopped, and why"],
    ["bun run positions resume --sink archive --partition 2", "continue when the cause is gone"],
    [
      "bun run positions rewind --sink postgres --partition 2 --to start",
      "read again what Kafka still has",
    ],
    [
      'bun run positions acknowledge --note "retention was 1 h"',
      "take note of what Kafka deleted before it was read",
    ],
  ],
  notes: [
    "Processors may run meanwhile: they notice a change within seconds. rewind and resume change the current topic's log only.",
    "The processor creates and upgrades the tables. If they are missing or have another version, each command reports that and does nothing.",
    'KAFKA_BOOTSTRAP_SERVERS, KAFKA_TOPIC, DATABASE_URL and DATABASE_SCHEMA name other services than those of "bun run up".',
  ],
  exitCodes: {
    0: "done",
    1: "refused or declined",
    2: "wrong use, or a service does not answer",
  },
};
