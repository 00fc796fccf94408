/** The flow of `bun run dead-letters`: from the words of the command line to the exit code. */
import { runCommandLine, type ExitCode, type Output } from "@tally/shared/terminal/command_line";
import type {
  DeadLetterCodes,
  DeadLetterDetail,
  DeadLettersPage,
  Resent,
} from "@tally/shared/dead_letters";
import type { ResentMany } from "../../dead_letters/resend.ts";
import {
  parseDeadLettersArguments,
  type DeadLettersCommand,
  type DeadLettersRequest,
} from "./arguments.ts";
import { createAsk, RequestFailed, type Ask } from "../client.ts";
import { codesTable, letterText, lettersTable } from "./text.ts";

/** What the command needs of its terminal. */
export interface Terminal extends Output {
  /** Address of the processor by the configuration. @throws {PipelineError} `config_invalid`. */
  readonly processorUrl: () => string;
  /** `TALLY_KEY`, or null when it is not set. @throws {PipelineError} `config_invalid`. */
  readonly key: () => string | null;
  readonly confirm: (question: string) => boolean;
}

/** Runs one command. */
export async function runDeadLetters(
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const line = parseDeadLettersArguments(words);
  return await runCommandLine(line, (request) => runRequest(request, terminal), terminal);
}

async function runRequest(
  { command, url }: DeadLettersRequest,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    const ask = createAsk(url ?? terminal.processorUrl(), terminal.key());
    return await runCommand(command, ask, terminal);
  } catch (error) {
    const hint = '\nIs it running? "bun run up" starts everything; --url names another processor.';
    const isAnswered = !(error instanceof RequestFailed) || error.isAnswered;
    terminal.complain(`${(error as Error).message}${isAnswered ? "" : hint}\n`);
    return isAnswered ? 1 : 2;
  }
}

async function runCommand(
  command: DeadLettersCommand,
  ask: Ask,
  terminal: Terminal,
): Promise<ExitCode> {
  switch (command.name) {
    case "list":
      terminal.print(await list(command, ask));
      return 0;
    case "show":
      terminal.print(letterText(await ask<DeadLetterDetail>("GET", `/dead-letters/${command.id}`)));
      return 0;
    case "resend": {
      const resent = await ask<Resent>("POST", `/dead-letters/${command.id}/resend`);
      const { topic, partition, offset, eventId } = resent;
      const event = eventId === null ? "it holds no event" : `event ${eventId}`;
      terminal.print(`Sent again: ${topic}, partition ${partition}, offset ${offset}; ${event}.\n`);
      return 0;
    }
    case "resendMany":
      return await resendMany(command, ask, terminal);
  }
}

async function list(
  { code, limit }: DeadLettersCommand & { name: "list" },
  ask: Ask,
): Promise<string> {
  const query = new URLSearchParams({ limit: String(limit), ...(code === null ? {} : { code }) });
  const [{ codes }, { deadLetters, next }] = await Promise.all([
    ask<DeadLetterCodes>("GET", "/dead-letters/codes"),
    ask<DeadLettersPage>("GET", `/dead-letters?${query}`),
  ]);
  if (deadLetters.length === 0) {
    return `There are no dead letters${code === null ? "" : ` of code ${code}`}.\n`;
  }
  const shown = codes.filter((each) => code === null || each.code === code);
  const more =
    next === null ? "" : `These are the newest ${deadLetters.length}; --limit shows more.\n`;
  return `${codesTable(shown)}\n${lettersTable(deadLetters)}${more}`;
}

/** Dead letters of one request: the limit of the interface. */
const REQUEST_LETTERS_MAX = 1000;
/** Refused dead letters that are named one by one. */
const NAMED_MAX = 20;

async function resendMany(
  { code, limit, isAgreed }: DeadLettersCommand & { name: "resendMany" },
  ask: Ask,
  { print, confirm }: Terminal,
): Promise<ExitCode> {
  const { codes } = await ask<DeadLetterCodes>("GET", "/dead-letters/codes");
  const unresolved = codes.find((each) => each.code === code)?.unresolved ?? 0;
  // Not more than there are now: a letter that fails again becomes a new one after all others.
  let left = Math.min(unresolved, limit ?? unresolved);
  if (left === 0) {
    print(`No dead letter of code ${code} is unresolved.\n`);
    return 0;
  }
  if (code === "id_conflict") {
    print("Each of these fails again as long as the row with its id exists.\n");
  }
  if (!isAgreed && !confirm(`Send ${lettersOf(left, code)} again?`)) {
    print("Nothing was sent.\n");
    return 1;
  }
  let resent = 0;
  let next: string | null = null;
  const refused: ResentMany["refused"][number][] = [];
  do {
    const query = new URLSearchParams({ code, limit: String(Math.min(left, REQUEST_LETTERS_MAX)) });
    if (next !== null) query.set("after", next);
    const done: Many = await ask("POST", `/dead-letters/resend?${query}`);
    resent += done.resent;
    refused.push(...done.refused);
    left -= done.resent + done.refused.length;
    next = done.next;
    if (next !== null && left > 0) print(`Sent again: ${resent} so far, up to ${left} to go.\n`);
  } while (next !== null && left > 0);
  print(`Sent again: ${resent}.${next === null ? "" : " More are left."}\n`);
  for (const { id, code: reason } of refused.slice(0, NAMED_MAX)) {
    print(`Not sent: dead letter ${id}, ${reason}.\n`);
  }
  if (refused.length > NAMED_MAX) print(`Not sent: ${refused.length - NAMED_MAX} more.\n`);
  return refused.length === 0 ? 0 : 1;
}

/** New ones may come, and another may send some: the number is the most. */
function lettersOf(count: number, code: string): string {
  if (count === 1) return `the dead letter of code ${code}`;
  return `up to ${count.toLocaleString("en")} dead letters of code ${code}`;
}

type Many = Omit<ResentMany, "last"> & { readonly next: string | null };
