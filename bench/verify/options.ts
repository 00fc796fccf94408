/** The command line of `bun run verify`: faults to run, options and help. Pure. */
import {
  readCommandLine,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
import { fileName, wholeNumber } from "@tally/shared/terminal/option_values";
import { tableText } from "@tally/shared/terminal/table";
import type { Fault } from "./fault.ts";

/** What to run. */
export interface VerifyOptions {
  readonly faults: readonly Fault[];
  /** 1..2^31. */
  readonly seed: number;
  /** No further fault begins after this long, or null to run all of them. */
  readonly minutesMax: number | null;
  readonly isShort: boolean;
  /** Where the report goes. */
  readonly reportPath: string;
}

/** What the options choose from. */
interface Choice {
  readonly faults: readonly Fault[];
  /** Makes a seed when none is given. */
  readonly newSeed: () => number;
}

const SEED_MAX = 2 ** 31;
const MINUTES_MAX = 24 * 60;

/** Reads the words of the command line. */
export function parseVerifyArguments(
  words: readonly string[],
  { faults, newSeed }: Choice,
): CommandLine<VerifyOptions> {
  return readCommandLine(words, infoOf(faults), (bare, { run, print }) => {
    bare
      .argument("[name...]", "faults to run (default: all)")
      .addOption(
        wholeNumber("--seed <n>", "repeat the random choices of a run", { min: 1, max: SEED_MAX }),
      )
      .addOption(
        wholeNumber("--minutes <n>", "begin no further fault after this many minutes", {
          min: 1,
          max: MINUTES_MAX,
        }),
      )
      .option("--short", "run the selection that the tests run, with fewer rounds")
      .addOption(fileName("--json <file>", "where the report goes").default("verify.json"))
      .option("--list", "list the faults")
      .action((names, { seed, minutes = null, short = false, json, list = false }, command) => {
        if (list) return print(listOf(faults));
        const unknown = names.filter((name) => !faults.some((fault) => fault.name === name));
        if (unknown.length > 0) {
          command.error(`error: there is no fault "${unknown.join('", "')}". See --list.`);
        }
        const chosen = faults.filter(({ name, isShort }) =>
          names.length > 0 ? names.includes(name) : !short || isShort,
        );
        run({
          faults: chosen,
          seed: seed ?? newSeed(),
          minutesMax: minutes,
          isShort: short,
          reportPath: json,
        });
      });
  });
}

function listOf(faults: readonly Fault[]): string {
  return tableText(
    faults.map(({ name, title }) => [name, title]),
    { indent: 2 },
  );
}

function infoOf(faults: readonly Fault[]): CommandInfo {
  return {
    name: "bun run verify",
    summary:
      "Breaks the system in every way that it promises to survive, and judges whether the promises hold.",
    lists: [{ title: "Faults", rows: faults.map(({ name, title }) => [name, title]) }],
    examples: [
      ["bun run verify", "run every fault"],
      ["bun run verify --short", "run the short selection"],
      ["bun run verify broker-killed --seed 42", "repeat one fault with the seed of its report"],
    ],
    notes: [
      "It starts Kafka, PostgreSQL, S3 and Tally's services of its own, on free ports and in its own folder, and removes them at the end. The first Ctrl-C lets the running fault finish.",
    ],
    exitCodes: {
      0: "every promise holds",
      1: "a promise is broken, or a fault broke down",
      2: "wrong use, or nothing is proven: a fault had no effect, or the servers did not start",
    },
  };
}
