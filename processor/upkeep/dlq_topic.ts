/**
 * Looks whether the topic of dead letters exists. A missing one is named when the processor starts,
 * not after the first dead letter: Kafka's client waits up to half a minute before it fails a
 * record for an unknown topic.
 */
import type { Config, Log } from "@tally/shared";
import type { Producer } from "@tally/shared/kafka";
import { startPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from "./periodic_task.ts";

export interface DlqTopicOptions {
  readonly producer: Pick<Producer, "readTopic">;
  readonly kafka: Pick<Config<"processor">["kafka"], "dlqTopic">;
  readonly log: Log;
}

/** What was seen of the topic. */
export interface DlqTopic {
  /** What an operator has to change, or null when the topic is there or nothing is known. */
  remedy(): string | null;
  /** Looks once. Never rejects. */
  look(): Promise<void>;
}

const LOOK_MS_MAX = 5000; // chosen
/** How late a topic that was created, or deleted, is noticed. */
const INTERVAL_MS = 10_000; // chosen

/** Nothing is known yet. */
export function createDlqTopic({ producer, kafka, log }: DlqTopicOptions): DlqTopic {
  const topic = kafka.dlqTopic;
  let current: string | null = null;
  return {
    remedy: () => current,
    async look() {
      const state = await producer.readTopic(topic, LOOK_MS_MAX);
      // A broker that is away is reported by others.
      if (state.kind === "unreachable") return;
      const isMissing = state.partitions.length === 0;
      if (isMissing === (current !== null)) return;
      current = isMissing ? remedyFor(topic) : null;
      if (isMissing) log.error({ topic, remedy: current }, MISSING);
      else log.info({ topic }, "The topic of dead letters is there.");
    },
  };
}

const MISSING = "The topic of dead letters is missing; they stay in the table until it is there.";

function remedyFor(topic: string): string {
  return `Create the topic ${topic}, or set KAFKA_DLQ_TOPIC to the right name. If it exists, allow this service's user to write to and describe it in Kafka's ACLs.`;
}

/** Looks at once, and from then on at an interval. */
export function watchDlqTopic(dlqTopic: DlqTopic, options: PeriodicTaskOptions): PeriodicTask {
  return startPeriodicTask(options, {
    intervalMs: INTERVAL_MS,
    failure: "The topic of dead letters could not be looked at; this is retried automatically.",
    async pass() {
      await dlqTopic.look();
      return { hasMore: false, error: null };
    },
  });
}
