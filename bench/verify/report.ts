/** The table at the end of a verified run, its verdict and its exit code. Pure. */
import type { ExitCode } from "@tally/shared/terminal/command_line";
import { tableText } from "@tally/shared/terminal/table";
import type { VerifyOptions } from "./options.ts";
import type { TrialResult } from "./trial.ts";

/** A trial that could not be judged. */
export interface FailedTrial {
  readonly kind: "failed";
  readonly name: string;
  readonly seed: number;
  readonly problem: string;
}

/** A trial that this machine can't run. */
export interface ImpossibleTrial {
  readonly kind: "impossible";
  readonly name: string;
  readonly seed: number;
  /** What is missing, as a sentence. */
  readonly lacks: string;
}

export type TrialOutcome = TrialResult | FailedTrial | ImpossibleTrial;

/** How one trial is judged. */
export type Verdict = "holds" | "BROKEN" | "no effect" | "broke down" | "not possible here";

/** The verdict on one trial; "no effect" when the fault did not do what it had to. */
export function verdictOf(outcome: TrialOutcome): Verdict {
  if (outcome.kind === "failed") return "broke down";
  if (outcome.kind === "impossible") return "not possible here";
  if (outcome.broken.length > 0 || outcome.recoveredMs === null) return "BROKEN";
  return outcome.bites.some(({ count, least }) => count < least) ? "no effect" : "holds";
}

/** The worst verdict decides. 2: a fault had no effect, so that the run proves nothing. */
export function exitCodeOf(outcomes: readonly TrialOutcome[]): ExitCode {
  const verdicts = outcomes.map(verdictOf);
  if (verdicts.some((verdict) => verdict === "BROKEN" || verdict === "broke down")) return 1;
  return verdicts.includes("no effect") || !verdicts.includes("holds") ? 2 : 0;
}

const COLUMNS = [
  "fault",
  "events",
  "503s",
  "restarts",
  "duplicates",
  "fence hits",
  "recovered",
  "verdict",
] as const;

/** The options of a run that the report needs. */
export type ReportedOptions = Pick<VerifyOptions, "seed" | "isShort"> & {
  readonly faults: readonly { readonly name: string }[];
};

/** The table, and below it everything that is wrong and what did not run. */
export function reportText(outcomes: readonly TrialOutcome[], options: ReportedOptions): string {
  const rows = outcomes.map(rowOf);
  const table = tableText(rows, {
    head: COLUMNS,
    right: COLUMNS.map((_, index) => index).slice(1, -1),
    isRuled: true,
  });
  const wrong = outcomes.flatMap(faultLines);
  const left = leftOut(outcomes, options);
  const isWhole = left.length === 0 && outcomes.every(({ kind }) => kind !== "impossible");
  const last = verdictText(outcomes, options, isWhole);
  return [table, ...wrong, ...left, last, ""].join("\n");
}

function verdictText(
  outcomes: readonly TrialOutcome[],
  options: ReportedOptions,
  isWhole: boolean,
): string {
  if (exitCodeOf(outcomes) !== 0) return repetition(outcomes, options);
  return isWhole
    ? "Every promise holds: nothing lost, nothing twice, every fault had an effect."
    : "What ran holds.";
}

/** A run that ended early, by its minutes or by a signal, proves nothing about the other faults. */
function leftOut(outcomes: readonly TrialOutcome[], { faults }: ReportedOptions): string[] {
  const names = faults
    .map(({ name }) => name)
    .filter((name) => !outcomes.some((outcome) => outcome.name === name));
  return names.length === 0 ? [] : [`Not run: ${names.join(", ")}.`];
}

function repetition(outcomes: readonly TrialOutcome[], { seed, isShort }: ReportedOptions): string {
  const short = isShort ? " --short" : "";
  return `To repeat it: bun run verify --seed ${seed}${short} ${failedNames(outcomes).join(" ")}`;
}

function rowOf(outcome: TrialOutcome): string[] {
  if (outcome.kind !== "judged") return [outcome.name, "", "", "", "", "", "", verdictOf(outcome)];
  const { name, counts, restarts, duplicates, fenceHits, recoveredMs } = outcome;
  return [
    name,
    whole(counts.acknowledged),
    whole(counts.unavailable),
    whole(restarts),
    whole(duplicates),
    whole(fenceHits),
    recoveredMs === null ? "never" : `${(recoveredMs / 1000).toFixed(1)} s`,
    verdictOf(outcome),
  ];
}

function faultLines(outcome: TrialOutcome): string[] {
  if (outcome.kind === "failed") return [`${outcome.name}: ${outcome.problem}`];
  if (outcome.kind === "impossible")
    return [`${outcome.name}: not possible here. ${outcome.lacks}`];
  const { name, broken, bites, recoveredMs } = outcome;
  return [
    ...broken.map(({ invariant, text }) => `${name}: ${invariant} ${text}`),
    ...(recoveredMs === null ? [`${name}: I7 it never became quiet`] : []),
    ...bites
      .filter(({ count, least }) => count < least)
      .map(({ what, count, least }) => `${name}: I11 ${what}: ${count}, at least ${least} needed`),
  ];
}

function failedNames(outcomes: readonly TrialOutcome[]): string[] {
  return outcomes
    .filter((each) => each.kind !== "impossible" && verdictOf(each) !== "holds")
    .map(({ name }) => name);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
