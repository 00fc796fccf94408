/** One of Tally's own programs as a child process that speaks HTTP. */
import { join } from "node:path";

import type { Env } from "@tally/shared";
import { createServerProcess, type OnEnded, type Server } from "./server_process.ts";

/** What makes a service. */
export interface ServiceOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** Arguments that only this service of this stack has. */
  readonly marks: readonly string[];
  /** Working folder. */
  readonly root: string;
  /** Folder of the stack it belongs to. */
  readonly folder: string;
  /** Answers 2xx as soon as the service is alive; it may not be ready. */
  readonly liveUrl: string;
  readonly signal?: AbortSignal;
  /** Environment, read at each start. */
  env(): Env;
  readonly onEnded?: OnEnded;
}

/**
 * How Bun runs the services.
 * - NODE_ENV: as in production, so that no answer shows source code.
 * - BUN_JSC_heapGrowthMaxIncrease: a share of JavaScriptCore's default growth between two whole
 *   collections, on machines with much memory; docs/performance.md has what it saves and costs.
 * - MIMALLOC_PURGE_HOLES_MIN_INTERVAL: the allocator looks for pages to give back at most every 5 s
 *   (ms). By default this took 6 ms a second of two services with nothing to do (measured).
 */
export const BUN_ENV = {
  BUN_JSC_heapGrowthMaxIncrease: "1.5",
  MIMALLOC_PURGE_HOLES_MIN_INTERVAL: "5000",
  NODE_ENV: "production",
} as const;

/** Makes the handle; `start()` resolves when the service is alive. */
export function createService(options: ServiceOptions): Server {
  const { name, command, marks, root, folder, liveUrl, signal, env, onEnded } = options;
  return createServerProcess(
    {
      name,
      logPath: join(folder, "logs", `${name}.log`),
      stopSignal: "SIGTERM",
      stopMsMax: 15_000,
      readyMsMax: 60_000,
      isOurs: (argv) => marks.every((mark) => argv.includes(mark)),
      prepare: async () => ({ command, env: { ...BUN_ENV, ...env() }, folder: root }),
      isReady: () => answersOk(liveUrl),
      ...(signal ? { signal } : {}),
    },
    onEnded,
  );
}

/** Command line of a Bun program that is recognised by its stack's folder. */
export function bunCommand(options: {
  readonly entry: string;
  readonly folder: string;
  readonly isWatched: boolean;
}): Pick<ServiceOptions, "command" | "marks"> {
  // Distinguishes it from the services of another stack; the program ignores it.
  const marks = [options.entry, `--stack=${options.folder}`];
  const watch = options.isWatched ? ["--watch"] : [];
  return { command: [process.execPath, ...watch, ...marks], marks };
}

/** Longest wait for one answer (ms). */
const ANSWER_MS_MAX = 1_000;

/** Whether the address answers with a 2xx status. */
export async function answersOk(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX);
  const answer = await fetch(url, { signal }).catch(() => null);
  return answer?.ok ?? false;
}
