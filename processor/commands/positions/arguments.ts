/** The arguments of `bun run positions`: what may be said, and the help that says so. Pure. */
import { parseArgs } from "node:util";
import type { Sink } from "../../pipeline/sink.ts";

/** One sink in one partition of the current topic. */
export interface Target {
  readonly sink: Sink["name"];
  readonly partition: number;
}

/** What only shows. */
export interface ShowCommand {
  readonly name: "show" | "explain";
}

/** What changes a position; `isAgreed`: without asking. */
export type ChangeCommand = { readonly target: Target; readonly isAgreed: boolean } & (
  | { readonly name: "rewind"; readonly to: bigint | "start" }
  | { readonly name: "resume"; readonly acceptLog: boolean }
);

/** The help, or what is wrong with the arguments, instead of a command. */
export type PositionsArguments =
  | { readonly command: ShowCommand | ChangeCommand }
  | { readonly help: string }
  | { readonly problem: string };

const PARSED = {
  sink: { type: "string" },
  partition: { type: "string" },
  to: { type: "string" },
  "accept-log": { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  help: { type: "boolean", short: "h" },
} as const;

/** Options that a command takes besides `--help`. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  show: [],
  explain: [],
  rewind: ["sink", "partition", "to", "yes"],
  resume: ["sink", "partition", "accept-log", "yes"],
};

/** Reads the arguments of the command line. */
export function parsePositionsArguments(words: readonly string[]): PositionsArguments {
  let parsed: ReturnType<typeof parseWords>;
  try {
    parsed = parseWords(words);
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { help: HELP };
  const [name = "show", ...rest] = positionals;
  const taken = TAKEN[name];
  if (taken === undefined || rest.length > 0) {
    return { problem: `"${positionals.join(" ")}" is none of show, explain, rewind, resume` };
  }
  const strange = Object.keys(values).find((option) => !taken.includes(option));
  if (strange !== undefined) return { problem: `${name} takes no --${strange}` };
  if (name === "show" || name === "explain") return { command: { name } };
  const target = readTarget(values);
  if ("problem" in target) return target;
  const isAgreed = values.yes === true;
  if (name === "resume") {
    const acceptLog = values["accept-log"] === true;
    return { command: { name, target, acceptLog, isAgreed } };
  }
  const to = readOffset(values.to);
  if (to === null) return { problem: "--to must be an offset, or start" };
  return { command: { name: "rewind", target, to, isAgreed } };
}

function parseWords(words: readonly string[]) {
  return parseArgs({ args: [...words], options: PARSED, allowPositionals: true });
}

function readTarget({
  sink,
  partition,
}: {
  readonly sink?: string;
  readonly partition?: string;
}): Target | { readonly problem: string } {
  if (sink !== "postgres" && sink !== "archive") {
    return { problem: "--sink must be postgres or archive" };
  }
  if (partition === undefined || !/^\d{1,6}$/.test(partition)) {
    return { problem: "--partition must be a partition's number" };
  }
  return { sink, partition: Number(partition) };
}

function readOffset(text: string | undefined): bigint | "start" | null {
  if (text === "start") return text;
  return text !== undefined && /^\d{1,18}$/.test(text) ? BigInt(text) : null;
}

const HELP = `Shows where each sink stands in the log, and changes it after asking.

  bun run positions [show]
  bun run positions explain
  bun run positions rewind --sink postgres|archive --partition N --to OFFSET|start [--yes]
  bun run positions resume --sink postgres|archive --partition N [--accept-log] [--yes]

show      position, lag and state of every sink and partition, a log each
explain   what each state means and what can be done about it
rewind    moves a position back, so that records are read again; nothing is written twice.
          The archive goes back to where one of its objects begins.
resume    lets a stopped partition go on

  --to OFFSET      the next offset to read; start: the first that Kafka still has
  --accept-log     take the log as it is: the record before the position is not compared any more
  --yes, -y        do not ask
  --help           this text

Processors may run meanwhile: they notice within seconds. rewind and resume change the current topic's
log only. The processor makes the tables and brings them up to date; where they are missing or of
another version, each command says so and does nothing. KAFKA_BOOTSTRAP_SERVERS, KAFKA_TOPIC,
DATABASE_URL and DATABASE_SCHEMA name other services than those of "bun run up".
Exit code: 0 done, 1 refused or declined, 2 wrong arguments, or a service does not answer.
`;
