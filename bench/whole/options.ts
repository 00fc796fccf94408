/** The arguments of `bun run bench`, and the help that says what they mean. */
import { parseArgs } from "node:util";

import type { Family } from "./figure.ts";

/** What to do. */
export type BenchOptions =
  | {
      readonly command: "run";
      readonly families: readonly Family[];
      readonly isMicro: boolean;
      readonly isGrowth: boolean;
      readonly isQuick: boolean;
      /** Whether names chose a part. */
      readonly isPart: boolean;
      /** Null: `bench/results/`, named after time and mode. */
      readonly jsonPath: string | null;
    }
  | { readonly command: "compare"; readonly before: string; readonly after: string };

/** Options, or a text to be shown instead: the help, or what is wrong. */
export type BenchArguments =
  { readonly options: BenchOptions } | { readonly help: string } | { readonly problem: string };

const PARSED = {
  quick: { type: "boolean" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Names that are no family. */
const MICRO = "micro";
const GROWTH = "growth";

/** Reads the arguments. */
export function parseBenchArguments(
  words: readonly string[],
  families: readonly Family[],
): BenchArguments {
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options: PARSED, allowPositionals: true });
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const { values, positionals } = parsed;
  if (values.help === true) return { help: helpText(families) };
  if (positionals[0] === "compare") return compareArguments(positionals.slice(1));
  const known = [...families.map(({ name }) => name), MICRO, GROWTH];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) return { problem: `There is no benchmark "${unknown.join('", "')}"` };
  const isPart = positionals.length > 0;
  return {
    options: {
      command: "run",
      families: isPart ? withLimits(positionals, families) : families,
      isMicro: !isPart || positionals.includes(MICRO),
      isGrowth: positionals.includes(GROWTH),
      isQuick: values.quick === true,
      isPart,
      jsonPath: values.json ?? null,
    },
  };
}

function compareArguments(paths: readonly string[]): BenchArguments {
  const [before, after] = paths;
  if (before === undefined || after === undefined || paths.length > 2) {
    return { problem: "compare needs two results: compare BEFORE.json AFTER.json" };
  }
  return { options: { command: "compare", before, after } };
}

/** The families of these names, and those whose figures are the limits of theirs. */
function withLimits(names: readonly string[], families: readonly Family[]): Family[] {
  const chosen = families.filter(({ name }) => names.includes(name));
  const limits = chosen.flatMap(({ figures }) => figures.map(({ limit }) => limit?.figure));
  return families.filter(
    (family) => chosen.includes(family) || family.figures.some(({ name }) => limits.includes(name)),
  );
}

function helpText(families: readonly Family[]): string {
  const rows = families.map(({ name, title }) => `  ${name.padEnd(13)}${title}`).join("\n");
  return `Measures what Tally does on this machine, and what the machine could do without it.

  bun run bench [NAME ...] [--quick] [--json FILE]
  bun run bench compare BEFORE.json AFTER.json

${rows}
  ${MICRO.padEnd(13)}the hot pure paths, one call at a time
  ${GROWTH.padEnd(13)}cost at 1, 5 and 10 million rows, memory over 10 minutes, 1 to 3 processors (an
               hour; only when named)

  --quick      one short round (under 3 minutes) instead of medians of three (under 15)
  --json FILE  where the result goes (bench/results/, named after time and mode)
  --help       this text

A name also runs what its figures are compared with. Everything runs on servers of its own, on free
ports; nothing else should run meanwhile. A full run writes bench/README.md; "bun run doc" takes its
numbers over into the README.
Exit code: 0 all counts agree, 1 accepted, stored and archived differ somewhere or a figure could not
be measured, 2 it could not run. A figure below its target is shown and is no error.
`;
}
