/** `bun run up`: everything on this machine with one command, until Ctrl-C. */
import { join } from "node:path";

import { bringUp } from "./up/bring_up.ts";
import { onLauncherGone } from "./machine/launchers.ts";
import { createProgress } from "./up/progress.ts";
import { killEverything } from "./machine/server_process.ts";
import { statusPage } from "./up/status_page.ts";

if (import.meta.main) process.exit(await main());

async function main(): Promise<number> {
  const stopping = stopOnSignals();
  await onLauncherGone(() => stopping.abort());
  const progress = createProgress({ stream: process.stdout });
  // A terminal that was closed can't be written to; the stop goes on.
  process.stdout.on("error", () => undefined);
  try {
    const running = await bringUp({
      env: Bun.env,
      root: join(import.meta.dir, ".."),
      isDevelopment: Bun.argv.includes("--watch"),
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
  // In here, because this runs before the module's own variables below have values.
  const samePressMs = 1_000;
  let firstMs = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // `npx` and `bun run` pass a signal on that the terminal has sent as well: one press is one.
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
  // A timer keeps this process alive: the servers are not its to wait for.
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  clearInterval(alive);
}
