/** Runs a program of this folder as a process of its own, so that its work is not another's. */
import { join } from "node:path";

import type { Bench } from "./figure.ts";

export type ProgramName = "sender" | "raw_produce" | "raw_consume";

/**
 * Runs a program to its end. Its order is its one argument, as JSON.
 *
 * @returns What it printed, parsed.
 * @throws {Error} When it ended otherwise than well.
 */
export async function runProgram<Order, Outcome>(
  { env }: Pick<Bench, "env">,
  name: ProgramName,
  order: Order,
): Promise<Outcome> {
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, `${name}.ts`), JSON.stringify(order)],
    { env: { ...env }, stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  const text = await new Response(child.stdout).text();
  const exitCode = await child.exited;
  if (exitCode !== 0) throw new Error(`Cannot use "${name}": it ended with ${exitCode}`);
  return JSON.parse(text) as Outcome;
}
