/**
 * What an end-to-end run measures: families of figures with their targets, and
 * what a round of a family is given and returns. families.ts lists the families.
 */
import type { Stack } from "@tally/stack";

/** One measured number. */
export interface Figure {
  /** The key of its values in a result, such as `drain-rows`. */
  readonly name: string;
  readonly title: string;
  readonly unit: "events/s" | "requests/s" | "ms" | "ms/s" | "µs" | "bytes" | "MB" | "%" | "times";
  readonly isHigherBetter: boolean;
  /** The least value, or the largest where lower is better; null when it is only shown. */
  readonly target: number | null;
  /** The figure of what the machine can do, measured in the same run, and the wanted share. */
  readonly limit: { readonly figure: string; readonly ratioMin: number } | null;
}

/** Figures that are measured together. */
export interface Family {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Whether a round takes the median of pairs or minutes of its own: one of them is enough. */
  readonly isOneRound?: true;
  /** Measures once. */
  run(bench: Bench): Promise<Round>;
}

/** What one round of a family measured. */
export interface Round {
  /** Values by figure; a figure that could not be measured is absent. */
  readonly values: Readonly<Record<string, number>>;
  /** What differs between accepted, stored and archived events; empty when they are the same. */
  readonly problems: readonly string[];
  /** Sizes and rates of the measurement. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** All rounds of a family. */
export interface FamilyResult {
  readonly name: string;
  /** Medians of the rounds, by figure. */
  readonly values: Readonly<Record<string, number>>;
  readonly rounds: readonly Round[];
}

/** How long and how much: `quick` has more noise, `tiny` only shows that it works. */
export type Size = "tiny" | "quick" | "full";

/** What every family is given. */
export interface Bench {
  readonly stack: Stack;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly size: Size;
  readonly nowMs: () => number;
  /** A name that no other run has, of `[a-z0-9]`. */
  readonly newName: () => string;
  /** The latest value of a figure in this run, or undefined when it was not measured yet. */
  readonly valueOf: (figure: string) => number | undefined;
  /** Shows the progress. */
  readonly onNote: (text: string) => void;
}

/** A figure that should be high: a speed. Without target and limit others compare with it. */
export function highFigure(
  name: string,
  title: string,
  wanted: Pick<Figure, "unit"> & Partial<Pick<Figure, "target" | "limit">>,
): Figure {
  return { name, title, target: null, limit: null, ...wanted, isHigherBetter: true };
}

/** A figure that should be low: a time or a cost. */
export function lowFigure(
  name: string,
  title: string,
  wanted: Pick<Figure, "unit" | "target">,
): Figure {
  return { name, title, ...wanted, isHigherBetter: false, limit: null };
}
