/**
 * Kafka as the processor uses it: which generation the topic is, where its partitions end, and a
 * consumer for each sink.
 */
import { PipelineError, type Config } from "@tally/shared";
import {
  connectConsumer,
  kafkaConnection,
  TROUBLE_ADVICE,
  type Admin,
  type AssignmentEvents,
  type Consumer,
  type Watermarks,
} from "@tally/shared/kafka";
import type { Sink } from "./sink.ts";

const QUEUED_BYTES_MAX = 16 * 1024 * 1024;
/**
 * How long the broker collects records for a sink before it answers, and how much is fetched ahead.
 * Rows wait for nothing there while few come: they gather in the processor (rows/beat.ts), and a
 * long wait for a first record costs an idle broker nothing. While many come, they gather in the
 * broker for as long as the time between two statements. The archive can wait for many.
 *
 * The number of records bounds the queue: about 4 and 3 MiB of usual events. The bytes leave room
 * for 1 MiB of each of 16 partitions in one answer, which makes shares fair. With 4 MiB the last
 * two of six partitions got nothing while the first four had a backlog (measured).
 */
export const FETCH = {
  postgres: {
    fetch: { waitMs: 500, bytesMin: 1 },
    busyFetch: { waitMs: 15, bytesMin: 32 * 1024 }, // chosen
    queuedRecordsMax: 16_000,
    queuedBytesMax: QUEUED_BYTES_MAX,
  },
  archive: {
    fetch: { waitMs: 500, bytesMin: 256 * 1024 },
    queuedRecordsMax: 12_000,
    queuedBytesMax: QUEUED_BYTES_MAX,
  },
} as const;
/** How often an idle pipeline checks whether it must stop or seek. Each look costs 0.4 ms. */
const CONSUME_TIMEOUT_MS = 500; // chosen
export const CLIENT_ID = "tally-processor";
const ADMIN_TIMEOUT_MS = 5000;
/**
 * One request of a look. A look makes at most two of these and two that end within a second each,
 * so it ends within 10 s. Frames drop an older one.
 */
const LOOK_TIMEOUT_MS = 4000;

/** The topic as it is now. */
export interface Topic {
  readonly topicId: string;
  readonly partitions: number;
}

/** The topic's partitions, and where they begin and end. */
export interface TopicLook extends Topic {
  /** Without the partitions that have no leader now. */
  readonly watermarks: ReadonlyMap<number, Watermarks>;
}

/** Reads about the topic. */
export interface TopicReader {
  /**
   * @throws {PipelineError} `broker_unavailable`, retryable: no broker answers;
   * `broker_misconfigured`, retryable: the topic does not exist yet, or Kafka refuses.
   */
  describe(): Promise<Topic>;
  /**
   * Reads the list of partitions, which may have grown, and then the watermarks of all of them. The
   * processor learns nowhere else how many partitions there are.
   *
   * @throws {PipelineError} `broker_unavailable`, retryable.
   */
  look(): Promise<TopicLook>;
  isReachable(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** A reader that asks an existing client. */
export function topicReader(
  admin: Pick<Admin, "describeTopic" | "watermarks" | "isReachable" | "disconnect">,
  topic: string,
): TopicReader {
  let largest: Topic | null = null;
  const describe = async (timeoutMs: number): Promise<Topic> => {
    const description = await admin.describeTopic(topic, timeoutMs);
    if (description === null) {
      throw new PipelineError(
        "broker_misconfigured",
        `Cannot read topic "${topic}": it does not exist, create it first`,
        { remedy: TROUBLE_ADVICE.topic_missing },
      );
    }
    // Partitions are never removed: a broker that names fewer than another has not heard of them.
    const isStale =
      largest?.topicId === description.topicId && largest.partitions > description.partitions;
    if (!isStale) largest = description;
    return largest ?? description;
  };
  return {
    describe: () => describe(ADMIN_TIMEOUT_MS),
    async look() {
      const described = await describe(LOOK_TIMEOUT_MS);
      const numbers = Array.from({ length: described.partitions }, (_, partition) => partition);
      const watermarks = await admin.watermarks(topic, numbers, LOOK_TIMEOUT_MS);
      return { ...described, watermarks };
    },
    isReachable: (timeoutMs) => admin.isReachable(timeoutMs),
    close: () => admin.disconnect(),
  };
}

/** Connects the consumer of one sink, in its own group. */
export function connectSinkConsumer(
  config: Pick<Config<"processor">, "kafka" | "processor">,
  sink: Sink["name"],
  events: AssignmentEvents,
): Promise<Consumer> {
  const { processor, kafka } = config;
  return connectConsumer(kafkaConnection(config, CLIENT_ID), {
    onAssign: (partitions) => events.onAssign(partitions),
    onRevoke: (partitions, lost) => events.onRevoke(partitions, lost),
    onOffsetOutOfRange: (partition) => events.onOffsetOutOfRange(partition),
    onStalled: (partition) => events.onStalled(partition),
    onError: (error) => events.onError(error),
    groupId: `${processor.groupPrefix}-${sink}`,
    topic: kafka.topic,
    sessionTimeoutMs: processor.sessionTimeoutMs,
    groupProtocol: processor.groupProtocol,
    ...FETCH[sink],
    consumeTimeoutMs: CONSUME_TIMEOUT_MS,
  });
}
