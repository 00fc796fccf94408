/** A run as it is kept in `bench/results/`: where, with what, and what it measured. Pure. */
import type { FamilyResult } from "../figure.ts";
import type { Machine } from "./machine.ts";

/** `part` is a selection by names, or a run that was ended early; no document quotes it. */
export type Mode = "full" | "quick" | "growth" | "part";

/** Everything about one run. */
export interface BenchResult {
  readonly mode: Mode;
  /** UTC. */
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly families: readonly FamilyResult[];
  readonly micro: readonly MicroResult[];
}

/** One microbenchmark, nanoseconds per call. */
export interface MicroResult {
  readonly name: string;
  readonly averageNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
}

/** Name of a result's file; sorted by name, the newest is the last. */
export function resultFileName({ startedAt, mode }: Pick<BenchResult, "startedAt" | "mode">) {
  return `${startedAt.slice(0, 19).replaceAll(":", "-")}-${mode}.json`;
}
