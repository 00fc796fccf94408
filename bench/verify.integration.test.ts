/**
 * The short selection of `bun run verify`: real processes, real signals, every
 * event judged. A seed that failed repeats with `bun run verify NAME --short --seed N`.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FAULTS } from "./verify/faults/mod.ts";
import { seedOf } from "./verify/random.ts";
import { verdictOf } from "./verify/report.ts";
import { startBreakableServers, stopServers, type BreakableServers } from "./system/servers.ts";
import { runTrial } from "./verify/trial.ts";

const START_MS_MAX = 120_000;
const FAULT_MS_MAX = 240_000;
const SEED = 1 + Math.floor(Math.random() * 1_000_000);
let servers: BreakableServers;

beforeAll(async () => {
  servers = await startBreakableServers();
}, START_MS_MAX);
afterAll(() => stopServers(servers), START_MS_MAX);

describe(`the system, seed ${SEED}`, () => {
  test.each(FAULTS.filter(({ isShort }) => isShort))(
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
