/** The command line of `bun run bench`: benchmarks to run, options and help. Pure. */
import {
  readCommandLine,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
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
      /** Where the result goes, or null for `bench/results/`, named after time and mode. */
      readonly jsonPath: string | null;
    }
  | { readonly command: "compare"; readonly before: string; readonly after: string };

/** Names that are no family. */
const MICRO = "micro";
const GROWTH = "growth";

/** What there is to choose from. */
export interface Choice {
  /** Families of a run without names. */
  readonly families: readonly Family[];
  /** Families of the name `growth`. */
  readonly growth: readonly Family[];
}

const ROUNDS = { quick: 1, full: 3 };

/** Reads the words of the command line. */
export function parseBenchArguments(
  words: readonly string[],
  choice: Choice,
): CommandLine<BenchOptions> {
  return readCommandLine(words, infoOf(choice), (bare, { run }) => {
    const known = [...allOf(choice).map(({ name }) => name), MICRO, GROWTH];
    const program = bare
      .argument("[name...]", "benchmarks to run, with those that they are compared with")
      .option("--quick", "run one short round, not the medians of three (more than half an hour)")
      .option("--json <file>", "where the result goes (default: bench/results/, by time and mode)")
      .action((names, { quick = false, json = null }, command) => {
        const unknown = names.filter((name) => !known.includes(name));
        if (unknown.length > 0) {
          const allowed = `Benchmarks are ${known.join(", ")}.`;
          command.error(`error: there is no benchmark "${unknown.join('", "')}". ${allowed}`);
        }
        run({ ...selectionOf(names, choice, quick ? "quick" : "full"), jsonPath: json });
      });
    program
      .command("compare <before> <after>")
      .description("show two results side by side, with what changed by more than the noise")
      .action((before, after) => run({ command: "compare", before, after }));
  });
}

type RunOptions = Extract<BenchOptions, { command: "run" }>;

function selectionOf(
  names: readonly string[],
  choice: Choice,
  size: RunOptions["size"],
): Omit<RunOptions, "jsonPath"> {
  const isGrowth = names.length === 1 && names[0] === GROWTH;
  const isPart = names.length > 0 && !isGrowth;
  const families = names.flatMap((name) =>
    name === GROWTH ? choice.growth.map((family) => family.name) : name,
  );
  return {
    command: "run",
    families: names.length > 0 ? withLimits(families, allOf(choice)) : choice.families,
    isMicro: names.length === 0 || names.includes(MICRO),
    size,
    // A curve has its own points; one round of it takes long enough.
    rounds: isGrowth ? 1 : ROUNDS[size],
    mode: isPart ? "part" : !isGrowth ? size : size === "full" ? "growth" : "part",
  };
}

function allOf({ families, growth }: Choice): Family[] {
  return [...families, ...growth];
}

/** The families of these names, and those whose figures are their limits. */
function withLimits(names: readonly string[], families: readonly Family[]): Family[] {
  const chosen = families.filter(({ name }) => names.includes(name));
  const limits = chosen.flatMap(({ figures }) => figures.map(({ limit }) => limit?.figure));
  return families.filter(
    (family) => chosen.includes(family) || family.figures.some(({ name }) => limits.includes(name)),
  );
}

function infoOf({ families, growth }: Choice): CommandInfo {
  const rowsOf = (some: readonly Family[]) => some.map(({ name, title }) => [name, title] as const);
  return {
    name: "bun run bench",
    summary:
      "Measures what Tally does on this machine, and what the machine could do without Tally.",
    lists: [
      {
        title: "Benchmarks",
        rows: [...rowsOf(families), [MICRO, "the hot pure paths, one call at a time"]],
      },
      {
        title: `Only when named; "${GROWTH}" is all four, over an hour and 30 GB of disk`,
        rows: rowsOf(growth),
      },
    ],
    examples: [
      ["bun run bench", "measure everything (more than half an hour)"],
      ["bun run bench drain --quick", "measure one benchmark in one short round"],
      ["bun run bench compare before.json after.json", "compare two results"],
    ],
    notes: [
      `Everything runs on its own servers and free ports; nothing else should run meanwhile. A full run and a whole "${GROWTH}" write docs/performance.md, unless --json names another place; "bun run doc" copies the numbers into the README.`,
      "A figure below its target is shown and is not an error.",
    ],
    exitCodes: {
      0: "all counts agree",
      1: "accepted, stored and archived differ somewhere, or a figure could not be measured",
      2: "wrong use, or it could not run",
    },
  };
}
