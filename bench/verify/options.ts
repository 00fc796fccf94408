/** The arguments of `bun run verify`, and the help that says what they mean. */
import { readArguments } from "@tally/processor/commands/arguments";
import type { Fault } from "./trial.ts";

/** What to run. */
export interface VerifyOptions {
  readonly faults: readonly Fault[];
  /** 1..2^31. */
  readonly seed: number;
  /** No further fault begins after this long; null: all of them run. */
  readonly minutesMax: number | null;
  readonly isShort: boolean;
  /** Where the report goes. */
  readonly reportPath: string;
}

/** Options, or a text to be shown instead: the help, a list, or what is wrong. */
export type VerifyArguments =
  { readonly options: VerifyOptions } | { readonly help: string } | { readonly problem: string };

const PARSED = {
  seed: { type: "string" },
  minutes: { type: "string" },
  json: { type: "string" },
  short: { type: "boolean" },
  list: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const SEED_MAX = 2 ** 31;
const MINUTES_MAX = 24 * 60;

/** Reads the arguments. @param newSeed Makes a seed when none is given. */
export function parseVerifyArguments(
  words: readonly string[],
  { faults, newSeed }: { readonly faults: readonly Fault[]; readonly newSeed: () => number },
): VerifyArguments {
  const parsed = readArguments({ args: [...words], options: PARSED, allowPositionals: true });
  if ("problem" in parsed) return parsed;
  const { values, positionals } = parsed;
  if (values.help === true) return { help: helpText(faults) };
  if (values.list === true) return { help: listOf(faults) };
  const unknown = positionals.filter((name) => !faults.some((fault) => fault.name === name));
  if (unknown.length > 0) return { problem: `There is no fault "${unknown.join('", "')}"` };
  const seed = readNumber(values.seed, SEED_MAX);
  if (seed === "wrong") return { problem: `--seed must be a whole number from 1 to ${SEED_MAX}` };
  const minutesMax = readNumber(values.minutes, MINUTES_MAX);
  if (minutesMax === "wrong")
    return { problem: `--minutes must be a whole number from 1 to ${MINUTES_MAX}` };
  const isShort = values.short === true;
  const chosen = faults.filter(({ name, isShort: isInShort }) =>
    positionals.length > 0 ? positionals.includes(name) : !isShort || isInShort,
  );
  const reportPath = values.json ?? "verify.json";
  return { options: { faults: chosen, seed: seed ?? newSeed(), minutesMax, isShort, reportPath } };
}

function readNumber(text: string | undefined, max: number): number | null | "wrong" {
  if (text === undefined) return null;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= max ? number : "wrong";
}

function listOf(faults: readonly Fault[]): string {
  return faults.map(({ name, title }) => `  ${name.padEnd(20)} ${title}`).join("\n");
}

function helpText(faults: readonly Fault[]): string {
  return `Breaks the system in every way that it promises to survive, and judges what is left.

  bun run verify [NAME ...] [--seed N] [--minutes N] [--short] [--json FILE]

${listOf(faults)}

  --seed N       repeats the random choices of a run
  --minutes N    no further fault begins after so many minutes
  --short        the selection that the tests run, with fewer rounds
  --json FILE    where the report goes (verify.json)
  --list         the names
  --help         this text

It starts Kafka, PostgreSQL, S3 and Tally's services for itself, on free ports and in a folder of
its own, and removes them. The first Ctrl-C lets the fault that runs come to its end.
Exit code: 0 every promise holds, 1 one is broken, 2 nothing is proven: a fault did not bite, or the
servers did not start.
`;
}
