/** Three brokers, three replicas of which two must be in sync: what one broker cannot show. */
import { connectProducer, type Producer } from "@tally/shared/kafka";
import type { KafkaCluster } from "@tally/stack/testing/kafka_cluster";

import { isReady } from "../../../system/service.ts";
import type { Fault, Trial } from "../../fault.ts";
import type { Load } from "../../sending/load.ts";
import { demandRetryAfter } from "../demands.ts";

const READY_MS_MAX = 20_000;
/** Its session of 3 s has ended, and each partition has another leader. */
const LEADER_MS_MAX = 30_000;
const IN_SYNC_MS_MAX = 30_000;
/** Machine time from the loss of two brokers until requests are refused at once, ms. */
const SEEN_MS = 6000;
/** While refusals are counted, ms of the clock. */
const COUNTED_MS = 4000;
/** Each of the connections would get one 503 per 10 s if it waited for its deadline. */
const QUICK_PER_SECOND_MIN = 20;
const CONNECTIONS = 12;

export const brokersLost: Fault = {
  name: "brokers-lost",
  title: "three brokers: a leader killed, two of three away, a rolling restart",
  isShort: false,
  system: { brokers: 3 },
  async run(trial) {
    const { cluster } = trial.system;
    if (cluster === null) throw new Error("Cannot lose brokers: the system has no cluster");
    const replicas = await watchReplicas(trial, cluster);
    const readiness = watchReadiness(trial.system.ingests[0]);
    // One event per request: a request that needs a lost partition delays no other.
    const load = trial.load({ eventsPerSecond: 400, batchEvents: 1, connections: CONNECTIONS });
    // A machine that stands still may turn it off and on.
    const isCalm = (changes: number) => {
      const seen = readiness.changes();
      return seen >= changes && seen <= changes + 2 * trial.clock.stalls;
    };
    try {
      await trial.randomPause(1000, 2000);
      await killLeader(trial, load, cluster);
      await replicas.untilInSync();
      trial.demand("ready all the time", isCalm(0));
      await loseTwo(trial, { load, cluster, readiness });
      await replicas.untilInSync();
      await trial.clock.eventually(() => readiness.isReady(), READY_MS_MAX);
      trial.demand("readiness went off and on once", isCalm(2));
      await restartEach(trial, { load, cluster, replicas });
      trial.demand("ready during the rolling restart", isCalm(2));
      trial.repaired();
      await load.stop();
      demandRetryAfter(trial, load);
    } finally {
      readiness.stop();
      await replicas.stop();
    }
  },
};

/** Its partitions get another leader. Until the cluster has noticed, nothing is in sync. */
async function killLeader(trial: Trial, load: Load, cluster: KafkaCluster): Promise<void> {
  const [broker] = cluster.brokers;
  const before = load.counts.acknowledged;
  await broker?.kill();
  trial.note("leader killed");
  const isStoring = () => load.counts.acknowledged - before >= 100;
  await trial.clock.eventually(isStoring, LEADER_MS_MAX);
  const meanwhile = load.counts.acknowledged - before;
  trial.hadEffect("events acknowledged without that broker", meanwhile, 100);
  await broker?.start();
}

/** Too few replicas are left for any partition: every request must be refused, and quickly. */
async function loseTwo(
  trial: Trial,
  { load, cluster, readiness }: { load: Load; cluster: KafkaCluster; readiness: Readiness },
): Promise<void> {
  const [, second, third] = cluster.brokers;
  await Promise.all([second?.kill(), third?.kill()]);
  trial.note("two of three away");
  await trial.clock.sleep(SEEN_MS);
  const before = { ...load.counts };
  await trial.clock.sleep(COUNTED_MS);
  const { unavailable, acknowledged } = load.counts;
  const perSecond = ((unavailable - before.unavailable) * 1000) / COUNTED_MS;
  trial.demand("no event was acknowledged without replicas", acknowledged === before.acknowledged);
  trial.demand(
    `quick 503s (${Math.round(perSecond)} per second)`,
    perSecond >= QUICK_PER_SECOND_MIN,
  );
  trial.demand("not ready", await trial.clock.eventually(() => !readiness.isReady(), READY_MS_MAX));
  await Promise.all([second?.start(), third?.start()]);
  trial.note("two started again");
}

async function restartEach(
  trial: Trial,
  { load, cluster, replicas }: { load: Load; cluster: KafkaCluster; replicas: Replicas },
): Promise<void> {
  const before = { ...load.counts };
  for (const broker of cluster.brokers) {
    await broker.stop();
    await broker.start();
    await replicas.untilInSync();
  }
  trial.note("restarted one after the other");
  const refused = load.counts.unavailable - before.unavailable;
  const acknowledged = load.counts.acknowledged - before.acknowledged;
  trial.demand(
    `a rolling restart refuses few requests (${refused} of ${refused + acknowledged})`,
    refused < acknowledged / 10,
  );
}

interface Replicas {
  /** Waits until every partition has all its replicas in sync. */
  untilInSync(): Promise<void>;
  stop(): Promise<void>;
}

async function watchReplicas(
  { system: { topic }, clock }: Trial,
  { bootstrapServers }: KafkaCluster,
): Promise<Replicas> {
  const producer: Producer = await connectProducer({ bootstrapServers }, READER);
  const isInSync = async (): Promise<boolean> => {
    const state = await producer.readTopic(topic, 1000);
    if (state.kind !== "known" || state.partitions.length === 0) return false;
    return state.partitions.every(
      ({ leader, inSync, replicas }) => leader >= 0 && inSync === replicas,
    );
  };
  return {
    async untilInSync() {
      if (await clock.eventually(isInSync, IN_SYNC_MS_MAX)) return;
      throw new Error(`Cannot go on: replicas are not in sync after ${IN_SYNC_MS_MAX} ms`);
    },
    stop: () => producer.disconnect(1000),
  };
}

const READER = {
  lingerMs: 1,
  messageTimeoutMs: 5000,
  queueRecordsMax: 1,
  queueBytesMax: 1024,
  compression: "none",
  connectTimeoutMs: 5000,
} as const;

interface Readiness {
  readonly isReady: () => boolean;
  /** How often it has changed. */
  readonly changes: () => number;
  stop(): void;
}

/** Asks an ingest often whether it is ready. */
function watchReadiness(ingest: { readonly url: string }): Readiness {
  let isReadyNow = true;
  let changes = 0;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const is = await isReady(ingest);
    isAsking = false;
    if (is === isReadyNow) return;
    isReadyNow = is;
    changes += 1;
  };
  const timer = setInterval(() => void ask(), 100);
  return {
    isReady: () => isReadyNow,
    changes: () => changes,
    stop: () => clearInterval(timer),
  };
}
