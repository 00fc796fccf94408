/**
 * `bun run verify`: proves on this machine that nothing is lost and nothing is
 * stored twice, whatever breaks. Entry point: reads the environment, prints and exits.
 */
import { wallNow } from "@tally/shared";
import { runCommandLine, type ExitCode } from "@tally/shared/terminal/command_line";
import { createProgress, type Progress, type Step } from "@tally/shared/terminal/progress";

import { FAULTS } from "./verify/faults/mod.ts";
import { parseVerifyArguments, type VerifyOptions } from "./verify/options.ts";
import { exitCodeOf, reportText, type TrialOutcome } from "./verify/report.ts";
import { runVerify, type VerifyProgress } from "./verify/run.ts";

if (import.meta.main) {
  const newSeed = () => 1 + Math.floor(Math.random() * 1_000_000);
  const line = parseVerifyArguments(Bun.argv.slice(2), { faults: FAULTS, newSeed });
  process.exit(await runCommandLine(line, verify));
}

async function verify(options: VerifyOptions): Promise<ExitCode> {
  try {
    const outcomes = await runShown(options);
    const report = JSON.stringify({ seed: options.seed, outcomes }, null, 2);
    await Bun.write(options.reportPath, `${report}\n`);
    console.log(`\n${reportText(outcomes, options)}`);
    console.log(`Report: ${options.reportPath}`);
    return exitCodeOf(outcomes);
  } catch (error) {
    // The servers of the run failed, not the system that is judged: nothing is proven.
    console.error(`Cannot verify: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}

/** Runs the faults, and shows their progress on stderr: stdout holds the report only. */
async function runShown(options: VerifyOptions): Promise<TrialOutcome[]> {
  const stop = new AbortController();
  // A fault is a long step: every note is printed, so that a log shows what happened when.
  const progress = createProgress({ stream: process.stderr, plainMsMin: 0 });
  const onSignal = () => {
    // An exit ends the servers, too, which a signal's default effect would not.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    progress.say("The running fault finishes first; Ctrl-C again ends at once");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  progress.say(`${options.faults.length} faults, seed ${options.seed}; starting the servers`);
  const stepOf = stepsByName(progress);
  try {
    return await runVerify(options, {
      env: Bun.env,
      nowMs: wallNow,
      signal: stop.signal,
      onProgress: (shown) => stepOf(shown.name).note(noteOf(shown)),
      onOutcome: ({ name }, verdict) => {
        const step = stepOf(name);
        if (verdict === "holds") step.done(verdict);
        else step.fail(verdict);
      },
    });
  } finally {
    progress.close();
  }
}

function stepsByName(progress: Progress): (name: string) => Step {
  const steps = new Map<string, Step>();
  return (name) => {
    const step = steps.get(name) ?? progress.step(name);
    steps.set(name, step);
    return step;
  };
}

function noteOf({ number, total, text, counts }: VerifyProgress): string {
  const acknowledged = `acknowledged ${counts.acknowledged.toLocaleString("en")}`;
  const unavailable = counts.unavailable === 0 ? "" : `, 503s ${counts.unavailable}`;
  return `${number}/${total}, ${text}; ${acknowledged}${unavailable}`;
}
