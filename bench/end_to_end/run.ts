/** The flow of the end-to-end half: start the servers, run round after round, stop the servers. */
import { endStack, ownStack, readMemory } from "@tally/stack/testing";
import type { Stack } from "@tally/stack";

import type { Bench, Family, FamilyResult, Round, Size } from "./figure.ts";
import { WARM_UP } from "./measure/warm_up.ts";
import { readVersions } from "./results/machine.ts";
import { median } from "./results/statistics.ts";

/** What to measure. */
export interface EndToEndOptions {
  readonly families: readonly Family[];
  readonly rounds: number;
  readonly size: Size;
}

/** What a run needs besides its options. */
export interface EndToEndContext extends Pick<Bench, "env" | "nowMs" | "newName"> {
  /** Folder of the checkout. */
  readonly root: string;
  readonly onProgress: (progress: EndToEndProgress) => void;
  /** Ends the run early: the round that runs is the last one. */
  readonly signal: AbortSignal;
}

/** Where a run is. */
export interface EndToEndProgress {
  readonly family: string;
  /** From 1. */
  readonly round: number;
  readonly rounds: number;
  readonly text: string;
}

/** What a run measured, and with what. */
export interface EndToEndResult {
  readonly families: readonly FamilyResult[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Runs all families in each round, so that a noisy minute affects all of them alike. */
export async function runEndToEnd(
  options: EndToEndOptions,
  context: EndToEndContext,
): Promise<EndToEndResult> {
  if (options.families.length === 0) {
    return { families: [], versions: await readVersions(context, null) };
  }
  const rounds: RoundsByFamily = new Map();
  // As `up` starts it on this machine.
  const stack = await ownStack({ memoryBytes: readMemory() });
  try {
    const versions = await readVersions(context, stack);
    const first = { family: WARM_UP, round: 1, options, rounds };
    await WARM_UP.run(benchOf(stack, context, first));
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const family of options.families) {
        if (context.signal.aborted) break;
        if (family.isOneRound === true && rounds.has(family.name)) continue;
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

/** A round that fails keeps its reason, and the run continues. */
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
  context: EndToEndContext,
  part: { family: Family; round: number; options: EndToEndOptions; rounds: RoundsByFamily },
): Bench {
  const { family, round, options, rounds } = part;
  const { env, nowMs, newName, onProgress } = context;
  const onNote = (text: string) =>
    onProgress({ family: family.name, round, rounds: options.rounds, text });
  const valueOf = (figure: string) =>
    [...rounds.values()].flat().findLast(({ values }) => values[figure] !== undefined)?.values[
      figure
    ];
  return { stack, env, size: options.size, nowMs, newName, valueOf, onNote };
}

/** The median of each figure that at least one round measured. */
export function mediansOf(rounds: readonly Round[]): Record<string, number> {
  const names = new Set(rounds.flatMap(({ values }) => Object.keys(values)));
  return Object.fromEntries(
    [...names].map((name) => {
      const found = rounds.map(({ values }) => values[name]).filter((each) => each !== undefined);
      return [name, median(found)];
    }),
  );
}
