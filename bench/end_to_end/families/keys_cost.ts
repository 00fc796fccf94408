/**
 * What keys and quotas cost ingest: the same requests to one ingest with them and to one without,
 * in turn. Each pair gives one ratio of CPU; least and most are shown beside the median.
 */
import { hashKey, newKey } from "@tally/shared/keys";

import { startReady } from "../../system/service.ts";
import type { System } from "../../system/system.ts";
import { lowFigure, type Bench, type Family, type Figure, type Round } from "../figure.ts";
import { findDifferences } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { untilStored } from "../measure/stored.ts";
import { createTraffic, type LoadOutcome, type Traffic } from "../measure/traffic.ts";
import { median } from "../results/statistics.ts";

/** Of ten pairs, least and most hold the true median in 998 of 1,000 runs. */
const PAIRS = { tiny: 1, quick: 3, full: 10 };
const SECONDS = { tiny: 1, quick: 3, full: 5 };
const LOAD = { eventsPerSecond: 0, batchEvents: 1, connections: 64 };
const WITH_KEYS = { TALLY_KEYS: "on", S3_ENABLED: "false" };
const WITHOUT = { S3_ENABLED: "false" };

export const KEYS_COST: Family = {
  name: "keys",
  title: "single events with keys and quotas on, against off; only ingest runs",
  isOneRound: true,
  figures: [
    times("keys-cpu", "CPU of ingest per event, keys and quotas on, against off, median", 1.05),
    times("keys-cpu-least", "the same, the least of the pairs"),
    times("keys-cpu-most", "the same, the most of the pairs"),
  ],
  run: comparePairs,
};

function times(name: string, title: string, target: number | null = null): Figure {
  return lowFigure(name, title, { unit: "times", target });
}

async function comparePairs(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const pairs = PAIRS[bench.size];
  return await onSystem(bench, { options: WITHOUT }, (open) =>
    onSystem(bench, { options: WITH_KEYS }, async (keyed) => {
      const key = await createKey(keyed);
      await startReady([open.ingests[0], keyed.ingests[0]]);
      const without = createTraffic(bench, open);
      const withKey = createTraffic(bench, keyed);
      const sendWithout = () => without.send({ ...LOAD, seconds });
      const sendWith = () => withKey.send({ ...LOAD, seconds, key });
      bench.onNote("warming up");
      await sendWithout();
      await sendWith();
      const ratios: number[] = [];
      for (let pair = 1; pair <= pairs; pair += 1) {
        bench.onNote(`with and without keys, pair ${pair}`);
        const isFirst = pair % 2 === 1;
        const first = isFirst ? await sendWithout() : await sendWith();
        const second = isFirst ? await sendWith() : await sendWithout();
        ratios.push(isFirst ? cpuOf(second) / cpuOf(first) : cpuOf(first) / cpuOf(second));
      }
      const problems = [
        ...(await compareRows(bench, open, without)),
        ...(await compareRows(bench, keyed, withKey)),
      ];
      return {
        values: {
          "keys-cpu": median(ratios),
          "keys-cpu-least": Math.min(...ratios),
          "keys-cpu-most": Math.max(...ratios),
        },
        problems,
        sizes: { connections: LOAD.connections, pairs, seconds },
      };
    }),
  );
}

function cpuOf({ cpuUs, accepted }: LoadOutcome): number {
  return cpuUs.ingest / accepted;
}

/** A write key with quotas that no load reaches; the processor makes the table and stops. */
async function createKey({ sql, processors }: System): Promise<string> {
  await startReady(processors);
  await Promise.all(processors.map((processor) => processor.stop()));
  const key = newKey();
  await sql`
    insert into api_keys (name, hash, prefix, scopes, events_per_second, bytes_per_second)
    values ('bench', decode(${hashKey(key)}, 'hex'), 'tally_bench', '{write}',
      1000000000, 1000000000000)`;
  return key;
}

async function compareRows(bench: Bench, system: System, traffic: Traffic): Promise<string[]> {
  bench.onNote("comparing events with rows");
  await system.ingests[0].stop();
  await startReady(system.processors);
  await untilStored(system, ({ rows }) => rows >= traffic.accepted);
  await Promise.all(system.processors.map((processor) => processor.stop()));
  const counting = { withArchive: false, nowMs: bench.nowMs };
  return await findDifferences(system, [traffic.sent()], counting);
}
