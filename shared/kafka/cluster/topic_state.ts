/**
 * What a producer's own connection shows of its topic: the leader of each partition,
 * how many replicas are in sync, and whether a leader answers. Creates no topic.
 */
import type { NativeProducer } from "../client.ts";
import { readClientError } from "../connection.ts";

/** One partition, as the cluster reports it. */
export interface PartitionState {
  /** Id of the broker that takes records, or -1 when there is none. */
  readonly leader: number;
  /** Replicas that hold everything, the leader included. */
  readonly inSync: number;
  readonly replicas: number;
}

/** What the cluster reports of a topic. */
export type TopicState =
  /** By number, from 0. Empty when the topic does not exist, or this user may not see it. */
  | { readonly kind: "known"; readonly partitions: readonly PartitionState[] }
  /** No broker answered in time. */
  | { readonly kind: "unreachable" };

/** Reads the state of a topic. Never rejects. */
export function readTopicState(
  client: NativeProducer,
  topic: string,
  timeoutMs: number,
): Promise<TopicState> {
  return new Promise((resolve) => {
    // The topic is named: for a list of known topics librdkafka would permit their creation.
    client.getMetadata({ topic, allTopics: false, timeout: timeoutMs }, (error, metadata) => {
      if (error) resolve({ kind: "unreachable" });
      else {
        const found = metadata.topics.find(({ name }) => name === topic);
        const partitions = [...(found?.partitions ?? [])].sort((a, b) => a.id - b.id);
        resolve({
          kind: "known",
          partitions: partitions.map(({ leader, isrs, replicas }) => ({
            leader,
            inSync: isrs.length,
            replicas: replicas.length,
          })),
        });
      }
    });
  });
}

/**
 * Whether the leader of a partition answers. Opens the connection that publishing needs, so that a
 * fault is found before the first event. Never rejects.
 */
export function reachesLeader(
  client: NativeProducer,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  timeoutMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    client.queryWatermarkOffsets(topic, partition, timeoutMs, (error) => {
      // librdkafka's own codes are negative; a positive one is an answer of the broker.
      resolve(!error || readClientError(error).code > 0);
    });
  });
}
