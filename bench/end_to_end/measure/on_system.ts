/** Builds a system for one round: default settings, on the servers that the whole run shares. */
import { fileVariableOf, OPTIONS } from "@tally/shared";

import { withSystem, type System, type SystemOptions } from "../../system/system.ts";
import type { Bench } from "../figure.ts";

/** What a round may choose. */
export type RoundOptions = Pick<SystemOptions, "topic" | "processors" | "options" | "hasPage">;

/** Works on a new system, which is removed whether the work succeeds or throws. */
export async function onSystem<T>(
  bench: Bench,
  options: RoundOptions,
  work: (system: System) => Promise<T>,
): Promise<T> {
  const { stack, env, newName } = bench;
  const id = `bench-${newName()}`;
  return await withSystem({ ...options, stack, id, env: { ...env, ...DEFAULTS } }, work);
}

/** A blank value means the default: settings of the user must not change what is measured. */
const DEFAULTS = Object.fromEntries(
  Object.values(OPTIONS)
    .flatMap((section) => Object.values<{ readonly env: string }>(section))
    .flatMap(({ env }) => [
      [env, ""],
      [fileVariableOf(env), ""],
    ]),
);
