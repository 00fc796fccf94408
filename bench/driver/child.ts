/** The other side of program.ts: what an entry point does that runs as a child process. */

/** What the program is given besides its order. */
export interface ProgramContext<Report> {
  /** Sends a report to the parent. */
  report(report: Report): void;
  /** A signal that SIGTERM aborts; without this call SIGTERM ends the process. */
  stopSignal(): AbortSignal;
}

/** Reads the order of the parent and runs the program. */
export async function runAsProgram<Order, Report>(
  program: (order: Order, context: ProgramContext<Report>) => Promise<void> | void,
): Promise<void> {
  // The terminal's first Ctrl-C is for the parent, which lets its current work finish.
  process.once("SIGINT", () => undefined);
  await program(JSON.parse(Bun.argv[2] ?? "") as Order, {
    report: (report) => process.stdout.write(`${JSON.stringify(report)}\n`),
    stopSignal() {
      const stop = new AbortController();
      process.once("SIGTERM", () => stop.abort());
      return stop.signal;
    },
  });
}
