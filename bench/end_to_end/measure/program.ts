/** Runs a program of this folder as a process of its own, so that its work is not another's. */
import { join } from "node:path";

import type { Bench } from "../figure.ts";

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

/** The first line of output, parsed; what comes behind it is let go. */
export async function firstJsonLine<T>(stdout: ReadableStream<Uint8Array>): Promise<T> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stdout) {
    text += decoder.decode(bytes, { stream: true });
    const end = text.indexOf("\n");
    if (end !== -1) return JSON.parse(text.slice(0, end)) as T;
  }
  throw new Error("Cannot use a program: it ended without a word");
}
