/**
 * `bun run verify`: proves on this machine that nothing is lost and nothing comes
 * twice, whatever breaks. Entry point: reads the environment, prints and exits.
 */
import { FAULTS } from "./verify/faults/mod.ts";
import { parseVerifyArguments, type VerifyOptions } from "./verify/options.ts";
import { exitCodeOf, reportText, type ExitCode } from "./verify/report.ts";
import { runVerify, type VerifyProgress } from "./verify/run.ts";

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

async function main(words: readonly string[]): Promise<ExitCode> {
  const newSeed = () => 1 + Math.floor(Math.random() * 1_000_000);
  const parsed = parseVerifyArguments(words, { faults: FAULTS, newSeed });
  if ("help" in parsed) {
    console.log(parsed.help);
    return 0;
  }
  if ("problem" in parsed) {
    console.error(`${parsed.problem}. See "bun run verify --help".`);
    return 2;
  }
  try {
    return await verify(parsed.options);
  } catch (error) {
    // The servers of the run, not the system that is judged: nothing is proven.
    console.error(`Cannot verify: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}

async function verify(options: VerifyOptions): Promise<ExitCode> {
  const stop = new AbortController();
  const onSignal = () => {
    // An exit takes the servers along, which a signal's default effect would not.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
    console.error("The fault that runs comes to its end; Ctrl-C again to end at once");
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  console.error(`${options.faults.length} faults, seed ${options.seed}; starting the servers`);
  const outcomes = await runVerify(options, {
    env: Bun.env,
    nowMs: Date.now,
    signal: stop.signal,
    onProgress: (progress) => console.error(progressLine(progress)),
    onOutcome: ({ name }, verdict) => console.error(`${name}: ${verdict}`),
  });
  await Bun.write(
    options.reportPath,
    `${JSON.stringify({ seed: options.seed, outcomes }, null, 2)}\n`,
  );
  console.log(`\n${reportText(outcomes, options)}`);
  console.log(`Report: ${options.reportPath}`);
  return exitCodeOf(outcomes);
}

function progressLine({ name, number, total, elapsedMs, text, counts }: VerifyProgress): string {
  const seconds = `${Math.round(elapsedMs / 1000)} s`;
  const acknowledged = `acknowledged ${counts.acknowledged.toLocaleString("en")}`;
  const unavailable = counts.unavailable === 0 ? "" : `, 503s ${counts.unavailable}`;
  return `[${seconds.padStart(6)}] ${number}/${total} ${name}: ${text} (${acknowledged}${unavailable})`;
}
