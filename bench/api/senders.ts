/**
 * Python's libraries of others, sending while ingest is killed and started again: every event must
 * be one row. Those for JavaScript have tests of their own, in bench/senders/.
 */
import { join } from "node:path";
import type { System } from "../system/system.ts";
import { heldOf, interruptIngest } from "./interruption.ts";

const SENDERS = join(import.meta.dir, "senders.py");
/** What senders.py knows. */
const LIBRARIES = ["segment", "segment-gzip", "cloudevents"] as const;
/** Events of each, about 10 ms apart: the outage lies within them. */
const EVENTS = 600;

/** Runs a command; each line that it prints is handed on. @returns Whether it ended well. */
export type Run = (command: readonly string[], onLine: (line: string) => void) => Promise<boolean>;

/** Runs every library. @returns What failed; empty when nothing did. */
export async function checkSenders(system: System, python: string, run: Run): Promise<string[]> {
  const failed: string[] = [];
  for (const library of LIBRARIES) {
    const problem = await checkSender(system, library, (type, onLine) =>
      run([python, SENDERS, system.ingests[0].url, library, type, String(EVENTS)], onLine),
    );
    if (problem !== null) failed.push(`${library} over a kill: ${problem}`);
  }
  return failed;
}

async function checkSender(
  system: System,
  library: string,
  send: (type: string, onLine: (line: string) => void) => Promise<boolean>,
): Promise<string | null> {
  const type = `python-${library}`;
  let hasBegun = false;
  let missed = 0;
  const sending = send(type, (line) => {
    if (line === "begun") hasBegun = true;
    const [, count] = /^missed (\d+)$/.exec(line) ?? [];
    if (count !== undefined) missed = Number(count);
  });
  await interruptIngest(system, { hasBegun: () => hasBegun, isMissed: () => true });
  if (!(await sending)) return "it did not end well";
  if (missed === 0) return "it did not notice the kill";
  const { payloads, deadLetters } = await heldOf(system, [type], EVENTS);
  const numbers = new Set(payloads.map((payload) => (payload as { n: number }).n));
  const isExact = payloads.length === EVENTS && numbers.size === EVENTS && deadLetters === 0;
  return isExact
    ? null
    : `${payloads.length} rows of ${numbers.size} events, ${EVENTS} were sent; ${deadLetters} dead letters`;
}
