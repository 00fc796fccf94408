/**
 * The short selection of `bun run verify` as tests: real processes, real signals, every
 * event judged. A seed that failed repeats with `bun run verify NAME --short --seed N`.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { startBreakableServers, stopServers, type BreakableServers } from "../../system/servers.ts";
import { FAULTS } from "../faults/mod.ts";
import { seedOf } from "../random.ts";
import { verdictOf } from "../report.ts";
import { runTrial } from "../trial.ts";

const START_MS_MAX = 120_000;
const FAULT_MS_MAX = 240_000;
const SEED = 1 + Math.floor(Math.random() * 1_000_000);
/** In one file they would take longer than all other tests together: two files run at once. */
const FILES = 2;

/** Declares the tests of every second short fault, on servers of their own. */
export function testShortFaults(first: 0 | 1): void {
  let servers: BreakableServers;

  beforeAll(async () => {
    servers = await startBreakableServers();
  }, START_MS_MAX);
  afterAll(() => stopServers(servers), START_MS_MAX);

  const short = FAULTS.filter(({ isShort }) => isShort);
  describe(`the system, seed ${SEED}`, () => {
    test.each(short.filter((_, index) => index % FILES === first))(
      "the system keeps every promise: $name, $title",
      async (fault) => {
        const result = await runTrial(fault, {
          servers,
          env: Bun.env,
          seed: seedOf(SEED, fault.name),
          id: `t${(SEED + FAULTS.indexOf(fault)).toString(36)}`,
          isShort: true,
          nowMs: Date.now,
          onNote: () => undefined,
        });

        expect(result.broken).toEqual([]);
        expect(result.bites.filter(({ count, least }) => count < least)).toEqual([]);
        expect(verdictOf(result)).toBe("holds");
      },
      FAULT_MS_MAX,
    );
  });
}
