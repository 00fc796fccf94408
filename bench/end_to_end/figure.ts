/**
 * What a whole-system run measures: families of figures, each with what is wanted
 * of it. The families themselves are listed in families.ts.
 */
import type { Stack } from "@tally/stack";

/** One number that we stand by. */
export interface Figure {
  /** `drain-rows`: the key of its values in a result. */
  readonly name: string;
  readonly title: string;
  readonly unit: "events/s" | "requests/s" | "ms" | "µs" | "MB" | "%" | "times";
  readonly isHigherBetter: boolean;
  /** At least so much, or at most where lower is better; null: it is only shown. */
  readonly target: number | null;
  /** What the machine can do, measured in the same run, and the wanted share of it. */
  readonly limit: { readonly figure: string; readonly ratioMin: number } | null;
}

/** Figures that one run on one site gives together. */
export interface Family {
  /** Word of the command line. */
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Measures once. */
  run(bench: Bench): Promise<Round>;
}

/** What one round of a family gave. */
export interface Round {
  /** By figure; one that is absent could not be measured. */
  readonly values: Readonly<Record<string, number>>;
  /** Why the counts do not agree; empty: accepted, stored and archived are the same events. */
  readonly problems: readonly string[];
  /** What it was measured with: sizes and rates. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** How long and how much: `quick` has more noise, `tiny` shows only that it works. */
export type Size = "tiny" | "quick" | "full";

/** What every family is given. */
export interface Bench {
  readonly stack: Stack;
  /** Folder of the checkout. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly size: Size;
  readonly nowMs: () => number;
  /** A name that no other run has, of `[a-z0-9]`. */
  readonly newName: () => string;
  /** The last value of a figure in this run; undefined: it was not measured yet. */
  readonly valueOf: (figure: string) => number | undefined;
  /** Says what goes on. */
  readonly onNote: (text: string) => void;
}

/** A figure that should be high: a speed. Without a target or a limit it is only compared with. */
export function highFigure(
  name: string,
  title: string,
  wanted: Pick<Figure, "unit"> & Partial<Pick<Figure, "target" | "limit">>,
): Figure {
  return { name, title, target: null, limit: null, ...wanted, isHigherBetter: true };
}

/** A figure that should be low: a time, or what something costs. */
export function lowFigure(
  name: string,
  title: string,
  wanted: Pick<Figure, "unit" | "target">,
): Figure {
  return { name, title, ...wanted, isHigherBetter: false, limit: null };
}
