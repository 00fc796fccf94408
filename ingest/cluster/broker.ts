/**
 * Whether Kafka can store events, checked in the background, so that health checks cost
 * nothing and requests get their 503 at once (promise P7). Looks at the partitions of the
 * topic (partition_states.ts) and names what keeps them from storing.
 */
import { sleep, type Log } from "@tally/shared";
import type { Producer, Trouble, TroubleMemory } from "@tally/shared/kafka";
import { createOutageLog } from "./outage_log.ts";
import type { PartitionStates } from "./partition_states.ts";
import { findReason, type Reason } from "./reason.ts";

/** How often Kafka is probed, and how long a probe may take. */
export interface BrokerOptions {
  readonly producer: Pick<Producer, "readTopic" | "reachesLeader">;
  readonly topic: string;
  readonly partitions: PartitionStates;
  readonly troubles: TroubleMemory;
  /** Finds out why the topic shows no partitions. */
  readonly findTopicTrouble: () => Promise<Trouble | null>;
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly log: Log;
}

/** The last known state of Kafka. */
export interface Broker {
  /** Whether requests should be sent here. Changes only after the new state has lasted. */
  readonly isReady: boolean;
  /** Why it is not ready, or why some partitions store nothing; null when all is well. */
  readonly reason: Reason | null;
  /** Whether any event could be stored, or may at least be tried. */
  acceptsAny(): boolean;
  readonly partitions: PartitionStates;
  stop(): void;
}

/** How often stalled partitions are looked for. */
const CHECK_INTERVAL_MS = 250; // chosen
/** A state that differs must last this long before readiness follows: no flapping. */
const UNREADY_AFTER_MS = 1000; // chosen
/** The same while brokers answer: Kafka replaces a dead leader after a session of 9 s. */
const NOTHING_STORED_AFTER_MS = 10_000; // the session and a second
const READY_AFTER_MS = 2000; // chosen
/** A leader that has stored nothing for this long is asked whether it answers. */
const QUIET_MS = 2000; // chosen
const LEADER_MS_MAX = 1500; // chosen
/** A topic without partitions is explained this often: it takes a connection of its own. */
const EXPLAIN_INTERVAL_MS = 10_000; // chosen

/** Probes once, then at an interval until `stop()`. */
export async function watchBroker(options: BrokerOptions): Promise<Broker> {
  const { partitions, troubles, now, probeIntervalMs } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const prober = createProber(options);
  const outage = createOutageLog(options.log, now);
  await prober.probe();
  // Kafka answers the requests of one connection in their order: behind records that wait for a
  // replica a probe gets no answer, although the broker works. After the time in which a cluster
  // replaces a dead leader, silence is an outage.
  const heardAtMs = () => Math.max(prober.answeredAtMs(), partitions.lastStoredAtMs);
  const isReached = () =>
    prober.isAnswering() || (partitions.isWaiting && now() - heardAtMs() < NOTHING_STORED_AFTER_MS);
  const mayStoreAny = () => isReached() && partitions.mayStoreAny(now());
  const storesAll = () => mayStoreAny() && partitions.storable === partitions.count;
  let isReady = mayStoreAny();
  let differsSinceMs: number | null = null;

  function judge(): void {
    const nowMs = now();
    partitions.check(nowMs);
    const isStoring = mayStoreAny();
    if (isStoring === isReady) differsSinceMs = null;
    else differsSinceMs ??= nowMs;
    if (differsSinceMs !== null && nowMs - differsSinceMs >= patienceMs()) {
      isReady = isStoring;
      differsSinceMs = null;
      if (isReady) troubles.clear();
    }
    // The outage ends only when readiness is back: until then this may be a moment between two.
    if (!storesAll()) outage.note(reason(), isStoring);
    else if (isReady) outage.note(null, isStoring);
  }
  function patienceMs(): number {
    if (!isReady) return READY_AFTER_MS;
    // When the cluster reports that no partition has a leader, it has noticed its dead brokers.
    const mayPass = partitions.stuck().withoutLeader.length < partitions.count;
    const isPassing = mayPass && isReached() && !partitions.failure?.remedy;
    return isPassing ? NOTHING_STORED_AFTER_MS : UNREADY_AFTER_MS;
  }
  const reason = (): Reason => findReason(prober.isAnswering(), { partitions, troubles });
  async function keepProbing(): Promise<void> {
    for (;;) {
      await sleep(probeIntervalMs, signal);
      if (signal.aborted) return;
      await prober.probe();
    }
  }
  judge();
  const checking = setInterval(judge, CHECK_INTERVAL_MS).unref();
  void keepProbing();
  return {
    partitions,
    get isReady() {
      return isReady;
    },
    get reason() {
      return storesAll() ? null : reason();
    },
    acceptsAny: () => isReached() && partitions.acceptsAny(now()),
    stop() {
      clearInterval(checking);
      stopping.abort();
    },
  };
}

/** Asks the cluster for the topic, and quiet leaders whether they answer. */
function createProber(options: BrokerOptions) {
  const { producer, topic, partitions, troubles, now, probeTimeoutMs } = options;
  let hasAnswered = false;
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let explainedAtMs = Number.NEGATIVE_INFINITY;

  async function explain(): Promise<void> {
    if (now() - explainedAtMs < EXPLAIN_INTERVAL_MS) return;
    explainedAtMs = now();
    const trouble = await options.findTopicTrouble();
    if (trouble !== null) troubles.note(trouble);
  }
  async function probeLeaders(): Promise<void> {
    for (const [leader, partition] of partitions.quietLeaders(now() - QUIET_MS)) {
      const isUp = await producer.reachesLeader(topic, partition, LEADER_MS_MAX);
      partitions.setLeader(leader, isUp);
    }
  }
  return {
    /** Whether a broker answered the last probe, or has stored a record since it began. */
    isAnswering: () => hasAnswered,
    /** When a broker answered a probe last. */
    answeredAtMs: () => answeredAtMs,
    async probe(): Promise<void> {
      const startedMs = now();
      const state = await producer.readTopic(topic, probeTimeoutMs);
      hasAnswered = state.kind === "known" || partitions.lastStoredAtMs >= startedMs;
      if (state.kind !== "known") return;
      answeredAtMs = now();
      partitions.update(state.partitions, now());
      if (state.partitions.length === 0) await explain();
      await probeLeaders();
    },
  };
}
