/**
 * Starts programs of this package as separate processes, so that their work does not
 * slow down the caller. A program gets its order as one argument and reports in JSON.
 */
type Env = Readonly<Record<string, string | undefined>>;

/** A program that runs, or has run. */
export interface Program<Report> {
  readonly pid: number;
  readonly isRunning: boolean;
  /** Its latest report, or null before the first one. */
  readonly latest: Report | null;
  /** Resolves with its first report. @throws {Error} When it ends without one. */
  readonly first: Promise<Report>;
  /** Resolves when it has ended. @throws {Error} When its exit code is not 0. */
  readonly done: Promise<void>;
  /** Sends SIGTERM and waits for the end. @throws {Error} When its exit code is not 0. */
  stop(): Promise<void>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
}

/** Starts a program. @param entry Its file; it calls `runAsProgram()` of child.ts. */
export function startProgram<Order, Report>(
  entry: string,
  order: Order,
  env: Env,
): Program<Report> {
  const child = Bun.spawn([process.execPath, entry, JSON.stringify(order)], {
    env: { ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  let latest: Report | null = null;
  const first = Promise.withResolvers<Report>();
  const done = (async () => {
    for await (const report of reportsOf<Report>(child.stdout)) {
      latest = report;
      first.resolve(report);
    }
    const exitCode = await child.exited;
    if (exitCode !== 0) throw new Error(`Cannot use ${entry}: it ended with ${exitCode}`);
  })();
  const noReport = () => first.reject(new Error(`Cannot use ${entry}: it ended without a report`));
  done.then(noReport, noReport);
  // Callers get these failures when they wait; until then they must not end this process.
  done.catch(() => undefined);
  first.promise.catch(() => undefined);
  return {
    pid: child.pid,
    first: first.promise,
    done,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    get latest() {
      return latest;
    },
    async stop() {
      child.kill("SIGTERM");
      await done;
    },
    async kill() {
      child.kill("SIGKILL");
      await done.catch(() => undefined);
    },
  };
}

/** Runs a program to its end. @returns Its last report. @throws {Error} When it fails. */
export async function runProgram<Order, Report>(
  entry: string,
  order: Order,
  env: Env,
): Promise<Report> {
  const program = startProgram<Order, Report>(entry, order, env);
  await program.done;
  return program.latest ?? (await program.first);
}

/** One report per line. */
async function* reportsOf<Report>(stdout: ReadableStream<Uint8Array>): AsyncGenerator<Report> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stdout) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as Report;
  }
}
