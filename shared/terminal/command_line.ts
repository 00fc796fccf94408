/**
 * How Tally's commands read their command lines: one declaration gives the parsing,
 * the help text and the answer to wrong use. Reading is pure; `runCommandLine` prints.
 */
import { Command, CommanderError } from "@commander-js/extra-typings";

import { tableText } from "./table.ts";
import { TEXT_WIDTH_MAX, wrapText } from "./wrap.ts";

/** 0: done; 1: the command found or refused something; 2: wrong use, or it cannot run. */
export type ExitCode = 0 | 1 | 2;

/** What the words of a command line ask for. */
export type CommandLine<T> =
  | { readonly kind: "run"; readonly value: T }
  /** Text to print in place of a run: the help, or a list. */
  | { readonly kind: "text"; readonly text: string }
  /** Wrong use: what is wrong, what is allowed and where the help is. */
  | { readonly kind: "problem"; readonly text: string };

/** What the help of a command says besides its options. */
export interface CommandInfo {
  /** As a user types it, for example `bun run load`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Names that the command takes, with their meaning. */
  readonly lists?: readonly HelpList[];
  readonly examples: readonly HelpRow[];
  /** Paragraphs; they are wrapped. */
  readonly notes?: readonly string[];
  /** Meaning of each exit code. */
  readonly exitCodes: Readonly<Record<number, string>>;
}

type HelpRow = readonly [term: string, meaning: string];

interface HelpList {
  readonly title: string;
  readonly rows: readonly HelpRow[];
}

/** Where the action of a command reports what it has read. */
export interface Answer<T> {
  run(value: T): void;
  /** Prints this text in place of a run. */
  print(text: string): void;
}

/** A command without any option: what a declaration starts from. */
export type BareCommand = Command<[], Record<never, never>, Record<never, never>>;

/**
 * Reads the words of a command line.
 *
 * @param declare Adds options and actions; each action calls one function of the answer, or
 *   `error()` of its command when options do not fit together.
 */
export function readCommandLine<T>(
  words: readonly string[],
  info: CommandInfo,
  declare: (program: BareCommand, answer: Answer<T>) => void,
): CommandLine<T> {
  let [printed, complained] = ["", ""];
  const program = createProgram(info, {
    print: (text) => (printed += text),
    complain: (text) => (complained += text),
  });
  const lines: CommandLine<T>[] = [];
  declare(program, {
    run: (value) => lines.push({ kind: "run", value }),
    print: (text) => lines.push({ kind: "text", text }),
  });
  try {
    program.parse(commandFirst(words, program), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "text", text: `${printed.trimEnd()}\n` };
    return { kind: "problem", text: complained };
  }
  const [line] = lines;
  if (line === undefined) throw new Error(`"${info.name}" declares no action for these words`);
  return line;
}

/** Where a command writes: results to `print`, what is wrong to `complain`. */
export interface Output {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

function createProgram(info: CommandInfo, { print, complain }: Output): BareCommand {
  const width = () => TEXT_WIDTH_MAX;
  return new Command(info.name)
    .description(info.summary)
    .helpOption("-h, --help", "show this text")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: print,
      writeErr: complain,
      outputError: (text, write) => write(asSentence(text)),
      getOutHelpWidth: width,
      getErrHelpWidth: width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride()
    .showHelpAfterError(`See "${info.name} --help".`)
    .addHelpText("afterAll", `\n${helpEnd(info)}`);
}

function helpEnd({ lists = [], examples, notes = [], exitCodes }: CommandInfo): string {
  const section = ({ title, rows }: HelpList) => `${title}:\n${tableText(rows, { indent: 2 })}`;
  return [
    ...lists.map(section),
    section({ title: "Examples", rows: examples }),
    ...notes.map((note) => wrapText(note)),
    section({ title: "Exit codes", rows: Object.entries(exitCodes) }),
  ].join("\n");
}

/** Turns "error: option ..." into "Option ... .". */
function asSentence(text: string): string {
  const message = text.replace(/^error: /, "").trimEnd();
  const end = /[.?)]$/.test(message) ? "" : ".";
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${end}\n`;
}

/** Lets options stand before the name of a subcommand, too. */
function commandFirst(words: readonly string[], program: BareCommand): string[] {
  const names = program.commands.map((command) => command.name());
  const [first = "-"] = words;
  const at = words.findIndex((word) => names.includes(word));
  if (at !== -1) return [words[at] ?? "", ...words.slice(0, at), ...words.slice(at + 1)];
  if (names.length > 0 && program.registeredArguments.length === 0 && !first.startsWith("-")) {
    program.error(`error: unknown command '${first}'. Allowed commands are ${names.join(", ")}.`);
  }
  return [...words];
}

const PROCESS_OUTPUT: Output = {
  print: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
};

/** Prints the help or what is wrong; runs the command otherwise. */
export async function runCommandLine<T, Code extends number = ExitCode>(
  line: CommandLine<T>,
  run: (value: T) => Promise<Code>,
  { print, complain }: Output = PROCESS_OUTPUT,
): Promise<Code | ExitCode> {
  switch (line.kind) {
    case "run":
      return await run(line.value);
    case "text":
      print(line.text);
      return 0;
    case "problem":
      complain(line.text);
      return 2;
  }
}
