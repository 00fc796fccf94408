/** How topics are made on one local broker: settings that are stated, not inherited. */
import type { TopicSettings } from "@tally/shared/kafka";

/** Every topic has these; values as Kafka writes them. */
export const TOPIC_CONFIG = {
  "cleanup.policy": "delete",
  // The sinks may be down for a week (ms); a lag close to that raises an alarm.
  "retention.ms": String(7 * 24 * 60 * 60 * 1000),
  "retention.bytes": "-1",
  // One broker, one replica: acknowledged by all of them means by this one.
  "min.insync.replicas": "1",
  // Records of other producers may be larger than ingest lets through (8 MiB).
  "max.message.bytes": String(8 * 1024 * 1024),
  "unclean.leader.election.enable": "false",
} as const;

/** Settings of one topic on the local broker, or on a cluster of several. */
export function topicSettings(topic: string, partitions: number, brokers = 1): TopicSettings {
  const replicationFactor = Math.min(3, brokers);
  const minInSync = String(Math.max(1, replicationFactor - 1));
  const config = { ...TOPIC_CONFIG, "min.insync.replicas": minInSync };
  return { topic, partitions, replicationFactor, config };
}
