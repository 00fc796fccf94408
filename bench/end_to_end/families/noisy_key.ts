/**
 * A key that sends far above its quota: what the answers to another key cost while it is refused.
 */
import { eventually } from "@tally/shared";
import { hashKey, newKey, prefixOfKey } from "@tally/shared/keys";
import { startReady } from "../../system/service.ts";
import type { System } from "../../system/system.ts";
import { highFigure, lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { findDifferences } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { untilStored } from "../measure/stored.ts";
import { createTraffic, type LoadOutcome, type Traffic } from "../measure/traffic.ts";

/** The key that is looked at sends single events at this rate. */
const QUIET = { eventsPerSecond: 2000, batchEvents: 1, connections: 32 };
/** The other one sends whenever a connection is free, after a pause (ms). */
const NOISE = { eventsPerSecond: 0, batchEvents: 50, connections: 32, pauseMs: 10 };
const NOISE_QUOTA = 100;
const SECONDS = { tiny: 1, quick: 5, full: 15 };
const WARM_SECONDS = { tiny: 1, quick: 2, full: 5 };
/** Ingest reads new keys every 2 s. */
const KEYS_MS_MAX = 15_000;

export const NOISY_KEY: Family = {
  name: "noisy-key",
  title: `${QUIET.eventsPerSecond} single events per second of one key, alone and beside a key above its quota`,
  figures: [
    lowFigure("calm-p99", "another key, alone, p99", { unit: "ms", target: null }),
    lowFigure("noisy-p99", "another key, beside the noise, p99", { unit: "ms", target: 50 }),
    highFigure("noisy-accepted", "another key, beside the noise, accepted", {
      unit: "%",
      target: 100,
    }),
    highFigure("noisy-refused", "the noise, refused with 429", { unit: "requests/s" }),
  ],
  run: sendBesideNoise,
};

async function sendBesideNoise(bench: Bench): Promise<Round> {
  const seconds = SECONDS[bench.size];
  const options = { TALLY_KEYS: "on", S3_ENABLED: "false" };
  return await onSystem(bench, { options }, async (system) => {
    await startReady([...system.processors]);
    const key = await addKey(system, "quiet", null);
    const noisyKey = await addKey(system, "noisy", NOISE_QUOTA);
    await startReady([system.ingests[0]]);
    const [quiet, noise] = [createTraffic(bench, system), createTraffic(bench, system)];
    await untilKnown(quiet, key);
    bench.onNote("warming up");
    await quiet.send({ ...QUIET, key, seconds: WARM_SECONDS[bench.size] });
    bench.onNote("one key alone");
    const calm = await quiet.send({ ...QUIET, key, seconds });
    bench.onNote("beside a key above its quota");
    const [beside, refused] = await Promise.all([
      quiet.send({ ...QUIET, key, seconds }),
      noise.send({ ...NOISE, key: noisyKey, seconds }),
    ]);
    const problems = await compare(bench, system, [quiet, noise]);
    return roundOf({ calm, beside, refused, problems, seconds });
  });
}

async function addKey(
  { sql }: System,
  name: string,
  eventsPerSecond: number | null,
): Promise<string> {
  const text = newKey();
  await sql`insert into api_keys (name, hash, prefix, scopes, origins, events_per_second) values
    (${name}, decode(${hashKey(text)}, 'hex'), ${prefixOfKey(text)}, '{write}', '{}',
      ${eventsPerSecond}::integer)`;
  return text;
}

/** Waits until ingest has read the keys: an event is accepted. */
async function untilKnown(traffic: Traffic, key: string): Promise<void> {
  const one = { eventsPerSecond: 1, batchEvents: 1, connections: 1, seconds: 1 };
  const isKnown = async () => (await traffic.send({ ...one, key })).accepted > 0;
  if (!(await eventually(isKnown, KEYS_MS_MAX))) throw new Error("Ingest does not know the keys");
}

async function compare(
  bench: Bench,
  system: System,
  all: readonly Traffic[],
): Promise<readonly string[]> {
  bench.onNote("comparing events with rows");
  const accepted = all.reduce((sum, traffic) => sum + traffic.accepted, 0);
  await untilStored(system, ({ rows }) => rows >= accepted);
  const sent = all.map((traffic) => traffic.sent());
  const counting = { withArchive: false, nowMs: bench.nowMs };
  const differences = await findDifferences(system, sent, counting);
  // What is refused is expected here: it is no record.
  return differences.filter((line) => !/events (?:are rejected|sent)$/.test(line));
}

interface Measured {
  readonly calm: LoadOutcome;
  readonly beside: LoadOutcome;
  readonly refused: LoadOutcome;
  readonly problems: readonly string[];
  readonly seconds: number;
}

function roundOf({ calm, beside, refused, problems, seconds }: Measured): Round {
  const noise = refused.requests - refused.accepted / NOISE.batchEvents;
  return {
    values: {
      "calm-p99": calm.acceptedP99Ms,
      "noisy-p99": beside.acceptedP99Ms,
      "noisy-accepted": (beside.accepted / beside.requests) * 100,
      "noisy-refused": (noise * 1000) / refused.elapsedMs,
    },
    problems,
    sizes: { eventsPerSecond: QUIET.eventsPerSecond, quota: NOISE_QUOTA, seconds },
  };
}
