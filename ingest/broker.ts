/**
 * Whether Kafka is reachable: checked once a second in the background, so that
 * health checks cost nothing and requests get their 503 at once (promise P7).
 */
import { sleep, type Log } from "@tally/shared";
import type { Producer } from "@tally/shared/kafka";

/** How often Kafka is probed, and how long a probe may take. */
export interface BrokerOptions {
  readonly producer: Pick<Producer, "isReachable">;
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  readonly log: Log;
}

/** The last known state of Kafka. */
export interface Broker {
  readonly isReachable: boolean;
  /** A record was acknowledged: the best proof that Kafka works. */
  noteAcknowledged(): void;
  /** Records were not acknowledged in time: requests are refused until a probe succeeds. */
  noteUnavailable(): void;
  stop(): void;
}

/** Probes once, then at an interval until `stop()`. */
export async function watchBroker(options: BrokerOptions): Promise<Broker> {
  const { producer, probeIntervalMs, probeTimeoutMs, log } = options;
  let isReachable = await producer.isReachable(probeTimeoutMs);
  let acknowledged = 0;
  const stopping = new AbortController();
  const { signal } = stopping;

  function change(now: boolean): void {
    if (now === isReachable || signal.aborted) return;
    isReachable = now;
    if (now) log.info({}, "Kafka was reached again.");
    else log.warn({}, "Kafka became unreachable; requests are answered with 503.");
  }
  async function probe(): Promise<void> {
    const before = acknowledged;
    const answered = await producer.isReachable(probeTimeoutMs);
    change(answered || acknowledged > before);
  }
  async function keepProbing(): Promise<void> {
    for (;;) {
      await sleep(probeIntervalMs, signal);
      if (signal.aborted) return;
      await probe();
    }
  }
  if (!isReachable) log.warn({}, "Kafka is unreachable; requests are answered with 503.");
  void keepProbing();
  return {
    get isReachable() {
      return isReachable;
    },
    noteAcknowledged() {
      acknowledged++;
    },
    noteUnavailable: () => change(false),
    stop: () => stopping.abort(),
  };
}
