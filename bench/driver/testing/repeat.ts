/** A program for the test of program.ts: reports what it is asked to. Entry point. */
import { runAsProgram, type ProgramContext } from "../child.ts";

/** What the program does. */
export interface RepeatOrder {
  readonly reports: readonly string[];
  /** How it ends; "stop" waits for the stop signal, "never" waits forever. */
  readonly end: "well" | "throws" | "stop" | "never";
}

if (import.meta.main) await runAsProgram(main);

async function main(
  { reports, end }: RepeatOrder,
  { report, stopSignal }: ProgramContext<string>,
): Promise<void> {
  // Before the first report: the parent may stop the program as soon as it has that.
  const signal = end === "stop" ? stopSignal() : null;
  for (const each of reports) report(each);
  if (end === "well") return;
  if (end === "throws") throw new Error("as ordered");
  const stopped = Promise.withResolvers<void>();
  const timer = setInterval(() => undefined, 1000);
  signal?.addEventListener("abort", () => stopped.resolve());
  await stopped.promise;
  clearInterval(timer);
  report("stopped");
}
