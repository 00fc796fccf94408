/** The command line of `bun run dead-letters`: commands, options and help. Pure. */
import { ERRORS, type ErrorCode } from "@tally/shared";
import {
  readCommandLine,
  type Answer,
  type BareCommand,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
import { parsedValue, serviceUrl, wholeNumber } from "@tally/shared/terminal/option_values";
import { isDeadLetterId } from "../../http/queries/dead_letters.ts";

/** What to do. */
export type DeadLettersCommand =
  | { readonly name: "list"; readonly code: ErrorCode | null; readonly limit: number }
  | { readonly name: "show" | "resend"; readonly id: string }
  | {
      readonly name: "resendMany";
      readonly code: ErrorCode;
      /** At most this many, or null for all that are unresolved now. */
      readonly limit: number | null;
      readonly isAgreed: boolean;
    };

/** A command, and which processor carries it out. */
export interface DeadLettersRequest {
  readonly command: DeadLettersCommand;
  /** Address of the processor without a path, or null for the one in the configuration. */
  readonly url: string | null;
}

const SHOWN_DEFAULT = 20;
/** The most letters on one page of the HTTP interface. */
const SHOWN_MAX = 1000;
const RESENT_MAX = 10_000_000;

/** Reads the words of the command line. */
export function parseDeadLettersArguments(
  words: readonly string[],
): CommandLine<DeadLettersRequest> {
  return readCommandLine(words, INFO, declareCommands);
}

function declareCommands(bare: BareCommand, { run }: Answer<DeadLettersRequest>): void {
  const program = bare.addOption(
    serviceUrl(
      "--url <url>",
      "address of the processor (default: that of the configuration)",
      8082,
    ),
  );
  const request = (command: DeadLettersCommand) =>
    run({ command, url: program.opts().url ?? null });
  program
    .command("list", { isDefault: true })
    .description("count the dead letters by code, and show the newest")
    .addOption(codeOption("only dead letters with this code"))
    .addOption(limitOption("show at most this many", SHOWN_MAX).default(SHOWN_DEFAULT))
    .action(({ code = null, limit }) => request({ name: "list", code, limit }));
  program
    .command("show <id>")
    .description("show one dead letter with its bytes, and what became of each resend")
    .action((id, _, command) => {
      if (!isDeadLetterId(id)) command.error(`error: "${id}" is not the id of a dead letter.`);
      request({ name: "show", id });
    });
  program
    .command("resend [id]")
    .description("send one dead letter again, or the unresolved ones of a code, oldest first")
    .addOption(codeOption("resend every unresolved dead letter with this code"))
    .addOption(limitOption("with --code: resend at most this many", RESENT_MAX))
    .option("-y, --yes", "with --code: do not ask before sending")
    .action((id, { code, limit, yes = false }, command) => {
      const isMany = code !== undefined;
      if (isMany && id !== undefined) command.error("error: resend takes an id or --code.");
      if (isMany) {
        return request({ name: "resendMany", code, limit: limit ?? null, isAgreed: yes });
      }
      if (yes || limit !== undefined) command.error("error: --yes and --limit need --code.");
      if (id === undefined || !isDeadLetterId(id)) {
        return command.error("error: resend needs the id of a dead letter, or --code.");
      }
      request({ name: "resend", id });
    });
}

function codeOption(help: string) {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return parsedValue("--code <code>", help, {
    read: (text) => codes.find((code) => code === text) ?? null,
    allowed: 'It must be a code that "bun run dead-letters list" shows.',
  });
}

function limitOption(help: string, max: number) {
  return wholeNumber("--limit <n>", help, { min: 1, max });
}

const INFO: CommandInfo = {
  name: "bun run dead-letters",
  summary: "Shows the records that could not become rows, and sends them again.",
  examples: [
    ["bun run dead-letters", "count them by code, show the newest"],
    ["bun run dead-letters list --code id_conflict --limit 100", "show the newest of one code"],
    ["bun run dead-letters show 17", "show everything about one"],
    ["bun run dead-letters resend 17", "send one again"],
    ["bun run dead-letters resend --code database_rejected", "send those of one code again"],
  ],
  notes: [
    "A resent record is the original record with the event id that it had or would have had: it becomes one row however often it is sent. As long as its cause remains, it becomes a dead letter again. For an id_conflict the cause is the existing row with the same id.",
  ],
  exitCodes: {
    0: "done",
    1: "not done, or only in part",
    2: "wrong use, or the processor does not answer",
  },
};
