/** The arguments of `bun run dead-letters`: what may be said, and the help that says so. Pure. */
import { parseArgs } from "node:util";
import { ERRORS, type ErrorCode } from "@tally/shared";
import { isDeadLetterId } from "../../http/queries/dead_letters.ts";

/** What to do. */
export type DeadLettersCommand =
  | { readonly name: "list"; readonly code: ErrorCode | null; readonly limit: number }
  | { readonly name: "show" | "resend"; readonly id: string }
  | {
      readonly name: "resendMany";
      readonly code: ErrorCode;
      /** Null: all that are there now. */
      readonly limit: number | null;
      readonly isAgreed: boolean;
    };

/** The help, or what is wrong with the arguments, instead of a command. */
export type DeadLettersArguments =
  | {
      readonly command: DeadLettersCommand;
      /** Address of the processor, without a path; null: where the configuration says. */
      readonly url: string | null;
    }
  | { readonly help: string }
  | { readonly problem: string };

const PARSED = {
  code: { type: "string" },
  limit: { type: "string" },
  url: { type: "string" },
  yes: { type: "boolean", short: "y" },
  help: { type: "boolean", short: "h" },
} as const;

const SHOWN_DEFAULT = 20;
/** What one page of the interface may hold. */
const SHOWN_MAX = 1000;
const RESENT_MAX = 10_000_000;

/** Reads the arguments of the command line. */
export function parseDeadLettersArguments(words: readonly string[]): DeadLettersArguments {
  let parsed: ReturnType<typeof parseWords>;
  try {
    parsed = parseWords(words);
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { help: HELP };
  const url = values.url === undefined ? null : originOf(values.url);
  if (url === "") return { problem: "--url must be like http://127.0.0.1:8082" };
  const command = readCommand(values, positionals);
  return "problem" in command ? command : { command, url };
}

function parseWords(words: readonly string[]) {
  return parseArgs({ args: [...words], options: PARSED, allowPositionals: true });
}

type Values = ReturnType<typeof parseWords>["values"];

function readCommand(
  { code: codeText, limit: limitText, yes }: Values,
  [name = "list", id, ...rest]: readonly string[],
): DeadLettersCommand | { readonly problem: string } {
  const code = codeText === undefined ? null : readCode(codeText);
  if (code === "") return { problem: "--code must be one of those that list shows" };
  const isMany = name === "resend" && code !== null;
  const takesId = name === "show" || (name === "resend" && !isMany);
  const limitMax = isMany ? RESENT_MAX : SHOWN_MAX;
  const limit = readLimit(limitText, limitMax);
  if (limit === 0) return { problem: `--limit must be a whole number from 1 to ${limitMax}` };
  if (yes === true && !isMany) return { problem: "--yes belongs to resend --code" };
  if (rest.length > 0) return { problem: `"${rest.join(" ")}" is too much` };
  if (takesId) {
    if (code !== null || limit !== null) return { problem: `${name} takes an id alone` };
    if (id === undefined || !isDeadLetterId(id)) {
      const or = name === "resend" ? ", or --code" : "";
      return { problem: `${name} needs the id of a dead letter${or}` };
    }
    return { name, id };
  }
  if (id !== undefined) return { problem: `"${id}" is too much` };
  if (isMany) return { name: "resendMany", code, limit, isAgreed: yes === true };
  if (name === "list") return { name, code, limit: limit ?? SHOWN_DEFAULT };
  return { problem: `"${name}" is none of list, show, resend` };
}

/** "" when it is none. */
function readCode(text: string): ErrorCode | "" {
  return (Object.keys(ERRORS) as ErrorCode[]).find((code) => code === text) ?? "";
}

/** Null: not given; 0: it is none. */
function readLimit(text: string | undefined, max: number): number | null {
  if (text === undefined) return null;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return limit <= max ? limit : 0;
}

/** The address without a path; "" when it is none. */
function originOf(text: string): string {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : "";
}

const HELP = `Shows the records that could not become rows, and sends them again.

  bun run dead-letters [list] [--code CODE] [--limit N]
  bun run dead-letters show ID
  bun run dead-letters resend ID
  bun run dead-letters resend --code CODE [--limit N] [--yes]

  list             how many there are by code, then the newest
  show             one with its bytes, and what became of each resend
  resend           sends one again, or those of a code that are left to do, oldest first
  --code CODE      only those set aside for this reason
  --limit N        at most so many (list: ${SHOWN_DEFAULT}, up to ${SHOWN_MAX}; resend: all that are left to do)
  --yes, -y        do not ask before many are sent
  --url URL        address of the processor (http://127.0.0.1:8082)
  --help           this text

A resent record is the record as it was, with the event id that it had or would have had: sent any
number of times it becomes one row. While its cause is still there it becomes a dead letter again,
as an id_conflict does while the row that has its id is there.
Exit code: 0 done, 1 not done, 2 wrong arguments or no answer.
`;
