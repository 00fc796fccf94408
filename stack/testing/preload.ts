/** Loaded by `bun test` before the tests: stops the servers of a run after its last test file. */
import { afterAll } from "bun:test";

/** All parts of a few stacks have their own deadlines; this one only ends a hang (ms). */
const STOP_MS_MAX = 60_000;

afterAll(async () => {
  // Imported late: a run of unit tests alone has nothing to load or stop.
  if (!("tallyTestStacks" in globalThis)) return;
  const { stopTestStacks } = await import("./mod.ts");
  await stopTestStacks();
}, STOP_MS_MAX);
