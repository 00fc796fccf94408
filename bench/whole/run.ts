/** The flow of the whole-system half: servers, round after round of each family, servers away. */
import { endStack, ownStack } from "@tally/stack/testing";
import type { Stack } from "@tally/stack";

import type { Bench, Family, Round } from "./figure.ts";
import { median } from "./statistics.ts";

/** What a run is asked for. */
export interface WholeOptions {
  readonly families: readonly Family[];
  readonly rounds: number;
  readonly isQuick: boolean;
}

/** What it is given besides. */
export interface WholeContext extends Pick<Bench, "root" | "env" | "nowMs" | "newName"> {
  readonly onProgress: (progress: WholeProgress) => void;
  /** Gives up: the round that runs is the last one. */
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

/** Runs the families in turn, round by round, so that a noisy minute falls on all of them. */
export async function runWhole(
  options: WholeOptions,
  context: WholeContext,
): Promise<FamilyResult[]> {
  if (options.families.length === 0) return [];
  const rounds = new Map<string, Round[]>();
  const stack = await ownStack();
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const family of options.families) {
        if (context.signal.aborted) break;
        const bench = benchOf(stack, context, { family, round, options });
        const outcome = await family.run(bench);
        rounds.set(family.name, [...(rounds.get(family.name) ?? []), outcome]);
      }
    }
  } finally {
    await endStack(stack);
  }
  return [...rounds].map(([name, each]) => ({ name, values: mediansOf(each), rounds: each }));
}

function benchOf(
  stack: Stack,
  context: WholeContext,
  part: { family: Family; round: number; options: WholeOptions },
): Bench {
  const { family, round, options } = part;
  const { root, env, nowMs, newName, onProgress } = context;
  const onNote = (text: string) =>
    onProgress({ family: family.name, round, rounds: options.rounds, text });
  return { stack, root, env, isQuick: options.isQuick, nowMs, newName, onNote };
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
