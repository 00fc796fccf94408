/** The smallest runs against real servers and real services. */
import { describe, expect, test } from "bun:test";
import { testNames, testStack } from "@tally/stack/testing";

import { Ledger } from "../driver/ledger.ts";
import { DRAIN } from "./families/drain.ts";
import { FIXED_RATE } from "./families/fixed_rate.ts";
import { growthRows } from "./families/growth_rows.ts";
import { BATCHES, INGEST_ALONE, SINGLES } from "./families/http.ts";
import { IDLE } from "./families/idle.ts";
import { KEYS_COST } from "./families/keys_cost.ts";
import { QUESTIONS } from "./families/questions.ts";
import { NOISY_KEY } from "./families/noisy_key.ts";
import { PAGE_COST } from "./families/page_cost.ts";
import { OVERLOAD } from "./families/overload.ts";
import type { Bench } from "./figure.ts";
import { findDifferences, saysRefused } from "./measure/counted.ts";
import { drain } from "./measure/drained.ts";
import { fillLog } from "./measure/filled_log.ts";
import { onSystem } from "./measure/on_system.ts";

const TEST_MS_MAX = 120_000; // Some seconds on a quiet machine; other tests may use its cores.

async function tinyBench(): Promise<Bench> {
  return {
    stack: await testStack(),
    env: Bun.env,
    size: "tiny",
    nowMs: Date.now,
    newName: () => testNames().schema.slice("test_".length),
    valueOf: () => undefined,
    onNote: () => undefined,
  };
}

describe("a family", () => {
  test.each([
    DRAIN,
    SINGLES,
    INGEST_ALONE,
    BATCHES,
    FIXED_RATE,
    OVERLOAD,
    NOISY_KEY,
    PAGE_COST,
    IDLE,
    KEYS_COST,
    QUESTIONS,
    growthRows({ parts: 1, comparedPart: 1 }),
  ])(
    "$name measures all its figures, and its events agree in all places",
    async (family) => {
      const round = await family.run(await tinyBench());

      // A machine that is busy with other tests may refuse some; what was accepted must agree.
      expect(round.problems.filter((line) => !saysRefused(line))).toEqual([]);
      for (const { name } of family.figures) {
        expect({ [name]: Number.isFinite(round.values[name]) }).toEqual({ [name]: true });
      }
    },
    TEST_MS_MAX,
  );
});

describe("findDifferences()", () => {
  test(
    "findDifferences() finds one event more that was accepted than stored",
    async () => {
      const bench = await tinyBench();

      const differences = await onSystem(
        bench,
        { options: { S3_ENABLED: "false" } },
        async (system) => {
          const { sent } = await fillLog(bench, { topic: system.topic, count: 100 });
          await drain(system, { events: 100, withArchive: false });
          const ledger = Ledger.from([["accepted", 0, 101]]);
          return await findDifferences(system, [{ ...sent, ledger }], {
            withArchive: false,
            nowMs: bench.nowMs,
          });
        },
      );

      expect(differences).toContain("1 accepted events have no row");
      expect(differences).toContain("100 records were read, 101 events sent");
    },
    TEST_MS_MAX,
  );
});
