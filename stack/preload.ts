/**
 * Loaded by `bun test` before the tests: gives them time for real servers, and
 * stops the servers after the last test file.
 */
import { afterAll, setDefaultTimeout } from "bun:test";

/** All parts of a few stacks have their own deadlines; this one only ends a hang (ms). */
const STOP_MS_MAX = 60_000;

/** Default of one test (ms): the first that asks for the stack waits for its start. */
setDefaultTimeout(60_000);

afterAll(async () => {
  // Imported late: a run of unit tests alone has nothing to load or stop.
  if (!("tallyTestStacks" in globalThis)) return;
  const { stopTestStacks } = await import("./testing.ts");
  await stopTestStacks();
}, STOP_MS_MAX);
