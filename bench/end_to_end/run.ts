/** The flow of the whole-system half: servers, round after round of each family, servers away. */
import { endStack, ownStack } from "@tally/stack/testing";
import type { Stack } from "@tally/stack";

import type { Bench, Family, Round, Size } from "./figure.ts";
import { readVersions } from "./results/machine.ts";
import { WARM_UP } from "./measure/warm_up.ts";
import { median } from "./results/statistics.ts";

/** What a run is asked for. */
export interface WholeOptions {
  readonly families: readonly Family[];
  readonly rounds: number;
  readonly size: Size;
}

/** What it is given besides. */
export interface WholeContext extends Pick<Bench, "root" | "env" | "nowMs" | "newName"> {
  readonly onProgress: (progress: WholeProgress) => void;
  /** Gives up: what runs then is the last. */
  readonly signal: AbortSignal;
}

export interface WholeProgress {
  readonly family: string;
  /** From 1. */
  readonly round: number;
  readonly rounds: number;
  readonly text: string;
}

/** What a family came to. */
export interface FamilyResult {
  readonly name: string;
  /** Medians of the rounds, by figure. */
  readonly values: Readonly<Record<string, number>>;
  readonly rounds: readonly Round[];
}

export interface WholeResult {
  readonly families: readonly FamilyResult[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Runs the families in turn, round by round, so that a noisy minute falls on all of them. */
export async function runWhole(options: WholeOptions, context: WholeContext): Promise<WholeResult> {
  if (options.families.length === 0) {
    return { families: [], versions: await readVersions(context.root, null) };
  }
  const rounds: RoundsByFamily = new Map();
  const stack = await ownStack();
  try {
    const versions = await readVersions(context.root, stack);
    const first = { family: WARM_UP, round: 1, options, rounds };
    await WARM_UP.run(benchOf(stack, context, first));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const family of options.families) {
        if (context.signal.aborted) break;
        const bench = benchOf(stack, context, { family, round, options, rounds });
        const outcome = await runRound(family, bench);
        rounds.set(family.name, [...(rounds.get(family.name) ?? []), outcome]);
      }
    }
    const families = [...rounds].map(([name, each]) => ({
      name,
      values: mediansOf(each),
      rounds: each,
    }));
    return { families, versions };
  } finally {
    await endStack(stack);
  }
}

type RoundsByFamily = Map<string, Round[]>;

/** A round that breaks down says why, and the others go on. */
async function runRound(family: Family, bench: Bench): Promise<Round> {
  try {
    return await family.run(bench);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    bench.onNote(problem);
    return { values: {}, problems: [problem], sizes: {} };
  }
}

function benchOf(
  stack: Stack,
  context: WholeContext,
  part: { family: Family; round: number; options: WholeOptions; rounds: RoundsByFamily },
): Bench {
  const { family, round, options, rounds } = part;
  const { root, env, nowMs, newName, onProgress } = context;
  const onNote = (text: string) =>
    onProgress({ family: family.name, round, rounds: options.rounds, text });
  const valueOf = (figure: string) =>
    [...rounds.values()].flat().findLast(({ values }) => values[figure] !== undefined)?.values[
      figure
    ];
  return { stack, root, env, size: options.size, nowMs, newName, valueOf, onNote };
}

/** The median of each figure that any round has. */
export function mediansOf(rounds: readonly Round[]): Record<string, number> {
  const names = new Set(rounds.flatMap(({ values }) => Object.keys(values)));
  return Object.fromEntries(
    [...names].map((name) => {
      const found = rounds.map(({ values }) => values[name]).filter((each) => each !== undefined);
      return [name, median(found)];
    }),
  );
}
