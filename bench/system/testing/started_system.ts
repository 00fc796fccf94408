/** A system for tests: built, started and ready. */
import type { Stack } from "@tally/stack";
import { testNames } from "@tally/stack/testing";

import { startReady } from "../service.ts";
import { createSystem, servicesOf, type System } from "../system.ts";

/** Archive objects close soon, and a service tries again soon after an outage. */
const OPTIONS = { ARCHIVE_OBJECT_AGE_MS_MAX: "1000", PROCESSOR_BACKOFF_MS_MAX: "1000" };

/** Starts a system on servers that run; the caller closes it. @param more More options. */
export async function startedSystem(
  stack: Stack,
  env: Readonly<Record<string, string | undefined>>,
  more: Readonly<Record<string, string>> = {},
): Promise<System> {
  const options = { ...OPTIONS, ...more };
  const system = await createSystem({ stack, id: testNames().topic, env, options });
  try {
    await startReady(servicesOf(system));
  } catch (error) {
    // The caller has nothing to close: what was started would run on.
    await system.close();
    throw error;
  }
  return system;
}
