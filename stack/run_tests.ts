/**
 * What `bun run test` runs: one stack for the whole run, then `bun test` with
 * the arguments that it was given. The last line is `N passed, N failed`.
 */
import { ensureNativeFiles } from "@tally/shared/kafka";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  HANDED_DOWN,
  ownStack,
  REAL_SERVICES,
  removeLeftovers,
  stopTestStacks,
  toAddresses,
} from "./testing/mod.ts";

/** Default of one test (ms); tests against real servers wait for them. */
const TEST_MS_MAX = 60_000;

/** Totals of a run. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

async function main(testArguments: readonly string[]): Promise<number> {
  let child: Bun.Subprocess | undefined;
  let interrupted = false;
  // The terminal sends Ctrl-C to `bun test` as well; a plain kill reaches this process only.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      interrupted = true;
      child?.kill("SIGTERM");
    });
  }
  try {
    const [stack] = await Promise.all([ownStack(), ensureNativeFiles()]);
    if (interrupted) return 130;
    const report = join(tmpdir(), `tally-report-${process.pid}.xml`);
    child = Bun.spawn({
      cmd: [
        process.execPath,
        "test",
        `--timeout=${TEST_MS_MAX}`,
        "--reporter=junit",
        `--reporter-outfile=${report}`,
        ...testArguments,
      ],
      env: { ...Bun.env, ...REAL_SERVICES, [HANDED_DOWN]: toAddresses(stack) },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    });
    const exitCode = await child.exited;
    const totals = readTotals(await readFile(report, "utf8").catch(() => ""), exitCode);
    await rm(report, { force: true });
    await stopTestStacks();
    // A run that was interrupted leaves the stacks of single tests behind.
    await removeLeftovers();
    return say(totals, exitCode);
  } catch (error) {
    await stopTestStacks();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return say({ passed: 0, failed: 1 }, 1);
  }
}

/** Totals of a JUnit report; a run that broke down before its end counts as a failure. */
export function readTotals(report: string, exitCode: number): Totals {
  const head = /<testsuites[^>]*>/.exec(report)?.[0] ?? "";
  const count = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const failures = count("failures");
  const failed = exitCode === 0 ? failures : Math.max(failures, 1);
  return { passed: Math.max(0, count("tests") - failures - count("skipped")), failed };
}

function say({ passed, failed }: Totals, exitCode: number): number {
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return exitCode;
}
