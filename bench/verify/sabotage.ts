/**
 * Tests verify itself: seven patches that break the code on purpose, each with the
 * fault that must notice it.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { runCommand, type CommandResult } from "@tally/shared";

/** One way to break a promise. */
export interface Sabotage {
  /** Name of its file in `sabotage/`, without `.patch`. */
  readonly name: string;
  /** What the code does then. */
  readonly title: string;
  /** Name of the fault that must notice. */
  readonly fault: string;
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: "position_before_rows",
    title: "the position moves before the rows",
    fault: "processor-killed",
  },
  {
    name: "answer_before_report",
    title: "202 before the delivery report",
    fault: "ingest-killed",
  },
  {
    name: "random_object_name",
    title: "a random name at each upload",
    fault: "archive-killed",
  },
  {
    name: "fence_ignored",
    title: "the position is not checked before a write",
    fault: "processor-frozen",
  },
  {
    name: "confirmed_before_upload",
    title: "the archive's position moves before the upload",
    fault: "archive-killed",
  },
  {
    name: "bad_record_swallowed",
    title: "a record that can't become a row is skipped",
    fault: "poison",
  },
  {
    name: "duplicates_counted",
    title: "a batch with duplicates is counted whole",
    fault: "duplicates",
  },
];

const ROOT = join(import.meta.dir, "..", "..");
/** Folders not copied: rebuilt in the copy, or not needed. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", ".data", "dist"]);

/** Path of a patch. */
export function patchPath({ name }: Sabotage): string {
  return join(import.meta.dir, "sabotage", `${name}.patch`);
}

/** Whether the patch still fits the code. */
export async function applies(sabotage: Sabotage): Promise<boolean> {
  const check = ["git", "apply", "--check", "--whitespace=nowarn", patchPath(sabotage)];
  return (await run(check, ROOT, {})).exitCode === 0;
}

/** What verify reported about a broken copy. */
export interface SabotageOutcome {
  /** What verify found in the data, or null when it found nothing there. */
  readonly finding: string | null;
  readonly exitCode: number;
  /** Output of verify. */
  readonly text: string;
}

/** Breaks a copy of the checkout and runs the fault on it; the checkout does not change. */
export async function tryOut(
  sabotage: Sabotage,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SabotageOutcome> {
  const copy = await mkdtemp(join(tmpdir(), "tally-sabotage-"));
  try {
    await cp(ROOT, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    await mustRun(["git", "apply", "--whitespace=nowarn", patchPath(sabotage)], copy, env);
    await mustRun([process.execPath, "install", "--frozen-lockfile", "--silent"], copy, env);
    const verify = [process.execPath, join("bench", "verify.ts"), sabotage.fault, "--short"];
    const { exitCode, output } = await run(verify, copy, env);
    return { finding: findingOf(output, sabotage.fault), exitCode, text: output };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/**
 * The first broken invariant of rows, lines, ranges, positions or counts (I1 to I8, I12) that
 * verify names, or null. A fault without an effect, a slow machine or a failed trial also ends with
 * an error, but that is no finding.
 */
export function findingOf(text: string, fault: string): string | null {
  const isFinding = new RegExp(String.raw`^${fault}: I(?:[1-8]|12) `);
  return text.split("\n").find((line) => isFinding.test(line)) ?? null;
}

async function mustRun(
  command: readonly string[],
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { exitCode, output } = await run(command, folder, env);
  if (exitCode !== 0) throw new Error(`Cannot run "${command.join(" ")}": ${output}`);
}

/** Longest run of a command, ms; chosen: a fault takes a minute, on a slow machine a few. */
const RUN_MS_MAX = 1_800_000;

function run(
  command: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CommandResult> {
  return runCommand(command, { cwd, env, msMax: RUN_MS_MAX });
}
