/**
 * What `bun run test` runs: one stack for the whole run, then `bun test` in
 * several workers, with the arguments that were given: paths, `-t NAME`, and
 * `--unit` for the tests without servers. The last line is `N passed, N failed`.
 */
import { ensureNativeFiles } from "@tally/shared/kafka";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { userCacheFolder } from "./servers/jars.ts";
import {
  HANDED_DOWN,
  ownStack,
  REAL_SERVICES,
  removeLeftovers,
  stopTestStacks,
  toAddresses,
} from "./testing/mod.ts";
import { readTotals, slowestTests, slowestText, type Totals } from "./testing/test_report.ts";

/**
 * Ends a test that hangs (ms). Tests against real servers wait for them, and three files share the
 * cores: a test of 17 s alone was seen to take 59 s beside two others.
 */
const TEST_MS_MAX = 120_000;
/** Test files at once. They wait for timers and servers most of the time: more than two cores. */
const WORKERS = 3;
const SLOWEST_TESTS = 10;
/** How long each file took in this user's last runs, so that the slowest files start first. */
const TIMINGS = join(userCacheFolder(Bun.env), "test-timings.json");
const UNIT = "--unit";

/** How a run ended. */
interface Outcome {
  readonly totals: Totals;
  readonly exitCode: number;
}

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

async function main(words: readonly string[]): Promise<number> {
  const isUnit = words.includes(UNIT);
  const { totals, exitCode } = await run(words, isUnit);
  await stopTestStacks();
  // A run that was interrupted does not stop the stacks of single tests.
  if (!isUnit) await removeLeftovers();
  process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
  return exitCode;
}

async function run(words: readonly string[], isUnit: boolean): Promise<Outcome> {
  const stop = new AbortController();
  // The terminal sends Ctrl-C to `bun test` as well; a plain kill reaches this process only.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => stop.abort());
  }
  try {
    const environment = isUnit ? {} : await startServers();
    if (stop.signal.aborted) return { totals: { passed: 0, failed: 0 }, exitCode: 130 };
    const testWords = words.filter((word) => word !== UNIT);
    return await runTests(testCommand(testWords, isUnit), environment, stop.signal);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return { totals: { passed: 0, failed: 1 }, exitCode: 1 };
  }
}

/** One stack for all files; returns the variable that hands it to the workers. */
async function startServers(): Promise<Record<string, string>> {
  const [stack] = await Promise.all([ownStack(), ensureNativeFiles()]);
  return { [HANDED_DOWN]: toAddresses(stack) };
}

function testCommand(words: readonly string[], isUnit: boolean): string[] {
  return [
    process.execPath,
    "test",
    `--timeout=${TEST_MS_MAX}`,
    `--parallel=${WORKERS}`,
    // One set of modules per worker: the native client can be loaded once per process only.
    "--no-isolate",
    `--timings=${TIMINGS}`,
    "--update-timings",
    ...(isUnit ? ["--path-ignore-patterns=**/*.integration.test.ts"] : []),
    ...words,
  ];
}

async function runTests(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Outcome> {
  const path = join(tmpdir(), `tally-report-${process.pid}.xml`);
  const child = Bun.spawn({
    cmd: [...command, "--reporter=junit", `--reporter-outfile=${path}`],
    env: { ...Bun.env, ...REAL_SERVICES, ...environment },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    signal,
  });
  const exitCode = await child.exited;
  const report = await readFile(path, "utf8").catch(() => "");
  await rm(path, { force: true });
  process.stdout.write(`\n${slowestText(slowestTests(report, SLOWEST_TESTS))}`);
  return { totals: readTotals(report, exitCode), exitCode };
}
