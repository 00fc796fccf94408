/** `bun run up`: everything on this machine with one command, until Ctrl-C. */
import {
  readCommandLine,
  runCommandLine,
  type CommandInfo,
} from "@tally/shared/terminal/command_line";
import { createProgress } from "@tally/shared/terminal/progress";
import { join } from "node:path";

import { bringUp } from "./up/bring_up.ts";
import { onLauncherGone } from "./machine/launchers.ts";
import { readMemory } from "./machine/memory.ts";
import { killEverything } from "./machine/server_process.ts";
import { statusPage } from "./up/status_page.ts";

const INFO: CommandInfo = {
  name: "bun run up",
  summary: "Starts Kafka, PostgreSQL, an S3 store and Tally on this machine, until Ctrl-C.",
  examples: [
    ["bun run up", "start everything"],
    ["bun run dev", "start everything, and start a service again when its code changes"],
  ],
  notes: [
    'KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL and S3_BUCKET_NAME name existing services, which are then used and not started. The data stays when everything stops; "bun run reset" deletes it.',
  ],
  exitCodes: {
    0: "stopped after it was up",
    1: "something could not start or did not keep running",
    2: "wrong use",
    130: "interrupted before it was up, or killed by a second Ctrl-C",
  },
};

if (import.meta.main) {
  const line = readCommandLine<boolean>(Bun.argv.slice(2), INFO, (bare, { run }) => {
    bare
      .option("--watch", "start a service again when its code changes")
      .action(({ watch = false }) => run(watch));
  });
  process.exit(await runCommandLine(line, up));
}

async function up(isDevelopment: boolean): Promise<number> {
  const stopping = stopOnSignals();
  await onLauncherGone(() => stopping.abort());
  const progress = createProgress({ stream: process.stdout });
  // Writing to a closed terminal fails; the stop must continue.
  process.stdout.on("error", () => undefined);
  try {
    const running = await bringUp({
      env: Bun.env,
      root: join(import.meta.dir, ".."),
      isDevelopment,
      memoryBytes: readMemory(),
      progress,
      signal: stopping.signal,
      onNews: progress.say,
    });
    progress.close();
    process.stdout.write(`${statusPage(running.status)}\n`);
    await untilAborted(stopping.signal);
    process.stdout.write("\nStopping: services first, then the servers. Ctrl-C again kills.\n");
    await running.stop();
    process.stdout.write("Stopped.\n");
    return 0;
  } catch (error) {
    progress.close();
    if (stopping.signal.aborted) {
      process.stdout.write("Stopped.\n");
      return 130;
    }
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** The first signal stops in order, the second one at once. */
function stopOnSignals(): AbortController {
  const stopping = new AbortController();
  // A local, because this function runs before the module's later variables have values.
  const samePressMs = 1_000;
  let firstMs = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // `npx` and `bun run` forward a signal that the terminal has also sent: count it once.
      if (stopping.signal.aborted && performance.now() - firstMs < samePressMs) return;
      if (!stopping.signal.aborted) {
        firstMs = performance.now();
        stopping.abort();
        return;
      }
      killEverything();
      process.exit(130);
    });
  }
  return stopping;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  // A timer keeps this process alive: the servers are separate processes.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  clearInterval(alive);
}
