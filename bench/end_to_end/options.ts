/** The arguments of `bun run bench`, and the help that says what they mean. */
import { readArguments } from "@tally/processor/commands/arguments";
import type { Family } from "./figure.ts";
import type { Mode } from "./results/result.ts";

/** What to do. */
export type BenchOptions =
  | {
      readonly command: "run";
      readonly families: readonly Family[];
      readonly isMicro: boolean;
      readonly size: "quick" | "full";
      readonly rounds: number;
      readonly mode: Mode;
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

const NAME_WIDTH = 19;

/** Names that are no family. */
const MICRO = "micro";
const GROWTH = "growth";

/** What there is to choose from. */
export interface Choice {
  /** Those of a run without names. */
  readonly families: readonly Family[];
  /** Those of the name `growth`. */
  readonly growth: readonly Family[];
}

const ROUNDS = { quick: 1, full: 3 };

/** Reads the arguments. */
export function parseBenchArguments(words: readonly string[], choice: Choice): BenchArguments {
  const parsed = readArguments({ args: [...words], options: PARSED, allowPositionals: true });
  if ("problem" in parsed) return parsed;
  const { values, positionals } = parsed;
  if (values.help === true) return { help: helpText(choice) };
  if (positionals[0] === "compare") return compareArguments(positionals.slice(1));
  const all = [...choice.families, ...choice.growth];
  const known = [...all.map(({ name }) => name), MICRO, GROWTH];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) return { problem: `There is no benchmark "${unknown.join('", "')}"` };
  const isGrowth = positionals.length === 1 && positionals[0] === GROWTH;
  const isPart = positionals.length > 0 && !isGrowth;
  const size = values.quick === true ? "quick" : "full";
  const names = positionals.flatMap((name) =>
    name === GROWTH ? choice.growth.map((family) => family.name) : name,
  );
  return {
    options: {
      command: "run",
      families: positionals.length > 0 ? withLimits(names, all) : choice.families,
      isMicro: positionals.length === 0 || positionals.includes(MICRO),
      size,
      // A curve has its points; one round of it takes long enough.
      rounds: isGrowth ? 1 : ROUNDS[size],
      mode: isPart ? "part" : !isGrowth ? size : size === "full" ? "growth" : "part",
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

function helpText({ families, growth }: Choice): string {
  const rowsOf = (some: readonly Family[]) =>
    some.map(({ name, title }) => `  ${name.padEnd(NAME_WIDTH)}${title}`).join("\n");
  return `Measures what Tally does on this machine, and what the machine could do without it.

  bun run bench [NAME ...] [--quick] [--json FILE]
  bun run bench compare BEFORE.json AFTER.json

${rowsOf(families)}
  ${MICRO.padEnd(NAME_WIDTH)}the hot pure paths, one call at a time

Only when named; "${GROWTH}" is all three, about twenty minutes:

${rowsOf(growth)}

  --quick      one short round (3 minutes) instead of medians of three (15 minutes)
  --json FILE  where the result goes (bench/results/, named after time and mode)
  --help       this text

A name also runs what its figures are compared with. Everything runs on servers of its own, on free
ports; nothing else should run meanwhile. A full run and a whole "${GROWTH}" write docs/performance.md, unless
--json says where else; "bun run doc" copies the numbers into the README.
Exit code: 0 all counts agree, 1 accepted, stored and archived differ somewhere or a figure could not
be measured, 2 it could not run. A figure below its target is shown and is no error.
`;
}
