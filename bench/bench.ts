/**
 * `bun run bench`: what Tally does on this machine, and what the machine could do
 * without it. Entry point: reads the environment, prints and exits.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatTimestamp, wallNow } from "@tally/shared";
import { formatDocument } from "@tally/shared/doc";
import { runCommandLine, type ExitCode } from "@tally/shared/terminal/command_line";
import { createProgress, type Progress, type Step } from "@tally/shared/terminal/progress";

import { compareText } from "./end_to_end/results/compare.ts";
import { FAMILIES } from "./end_to_end/families/families.ts";
import { GROWTH } from "./end_to_end/families/growth.ts";
import { readMachine } from "./end_to_end/results/machine.ts";
import { runMicro } from "./micro/micro.ts";
import { parseBenchArguments, type BenchOptions } from "./end_to_end/options.ts";
import { resultFileName, type BenchResult } from "./end_to_end/results/result.ts";
import { exitCodeOf, resultText } from "./end_to_end/results/result_text.ts";
import { runEndToEnd } from "./end_to_end/run.ts";
import {
  PERFORMANCE_PAGE,
  writePerformancePage,
} from "./end_to_end/results/write_performance_page.ts";

type RunOptions = Extract<BenchOptions, { command: "run" }>;

const ROOT = join(import.meta.dir, "..");
const CHOICE = { families: FAMILIES, growth: GROWTH };
const ALL = [...FAMILIES, ...GROWTH];

if (import.meta.main) {
  process.exit(await runCommandLine(parseBenchArguments(Bun.argv.slice(2), CHOICE), bench));
}

async function bench(options: BenchOptions): Promise<ExitCode> {
  try {
    return options.command === "compare" ? await compare(options) : await measure(options);
  } catch (error) {
    console.error(`Cannot ${options.command}: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
}

async function compare(options: { before: string; after: string }): Promise<ExitCode> {
  const before = await readResult(options.before);
  const after = await readResult(options.after);
  console.log(compareText(ALL, { before, after }));
  return 0;
}

async function readResult(path: string): Promise<BenchResult> {
  return (await Bun.file(path).json()) as BenchResult;
}

async function measure(options: RunOptions): Promise<ExitCode> {
  const result = await run(options);
  const path = options.jsonPath ?? join(ROOT, "bench", "results", resultFileName(result));
  await mkdir(dirname(path), { recursive: true });
  await Bun.write(path, await formatDocument("result.json", JSON.stringify(result)));
  console.log(`\n${resultText(ALL, result)}\n\nResult: ${path}`);
  if (["full", "growth"].includes(result.mode) && options.jsonPath === null) {
    await writePerformancePage(ROOT);
    console.log(`${PERFORMANCE_PAGE} is written; "bun run doc" copies its numbers to the README.`);
  }
  return exitCodeOf(ALL, result);
}

async function run(options: RunOptions): Promise<BenchResult> {
  const stop = new AbortController();
  const progress = createProgress({ stream: process.stderr, plainMsMin: 0 });
  const steps = stepsInTurn(progress);
  const onSignal = () => {
    // An exit ends the servers, too, which a signal's default effect would not.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    progress.say("The running measurement finishes first; Ctrl-C again ends at once");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const startedMs = performance.now();
  const startedAt = formatTimestamp(wallNow());
  const { families, rounds, size, isMicro, mode } = options;
  try {
    const { families: results, versions } = await runEndToEnd(
      { families, rounds, size },
      {
        root: ROOT,
        env: Bun.env,
        nowMs: wallNow,
        newName: () => Bun.randomUUIDv7().replaceAll("-", "").slice(-12),
        onProgress: ({ family, round, rounds: all, text }) =>
          steps.show(`${family} ${round}/${all}`, text),
        signal: stop.signal,
      },
    );
    const onNote = (text: string) => steps.show("micro", text);
    const micro = isMicro && !stop.signal.aborted ? await runMicro(onNote) : [];
    steps.end();
    return {
      mode: stop.signal.aborted ? "part" : mode,
      startedAt,
      elapsedSeconds: Math.round((performance.now() - startedMs) / 1000),
      machine: readMachine(),
      versions,
      families: results,
      micro,
    };
  } finally {
    progress.close();
  }
}

/** Shows one step at a time: the next name ends the step before, with its last text. */
function stepsInTurn(progress: Progress) {
  let last: { readonly name: string; readonly step: Step; text: string } | null = null;
  const end = () => last?.step.done(last.text);
  const show = (name: string, text: string) => {
    if (last?.name !== name) {
      end();
      last = { name, step: progress.step(name), text };
    }
    last.text = text;
    last.step.note(text);
  };
  return { show, end };
}
