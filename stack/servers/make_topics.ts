/** Makes the topics that are missing, with stated settings. */
import { eventually, type Config } from "@tally/shared";
import { connectAdmin, kafkaConnection, type TopicSettings } from "@tally/shared/kafka";

import { StackError } from "../machine/error.ts";
import { topicSettings } from "./topics.ts";

/** Which topics, where. */
export interface MakeTopics {
  readonly config: Config<"stack">;
  /** Set when Kafka runs here; absent for the user's own brokers. */
  readonly bootstrapServers?: string;
  readonly signal: AbortSignal;
}

/** A topic is known to the broker within milliseconds, on a cluster within seconds (ms). */
const TOPIC_MS_MAX = 20_000;

/** Resolves with the number of topics made when both exist. Existing ones stay as they are. */
export async function makeTopics(options: MakeTopics): Promise<number> {
  const { config, bootstrapServers, signal } = options;
  const admin = await connectAdmin(
    bootstrapServers === undefined ? kafkaConnection(config, "tally-up") : { bootstrapServers },
  );
  try {
    let made = 0;
    for (const settings of wantedTopics(config, bootstrapServers !== undefined)) {
      const exists = async () => (await admin.describeTopic(settings.topic)) !== null;
      if (await exists()) continue;
      await admin.createTopics([settings]);
      made += 1;
      if (await eventually(async () => signal.aborted || (await exists()), TOPIC_MS_MAX)) continue;
      throw new StackError("server_not_ready", `topic "${settings.topic}" did not appear`);
    }
    return made;
  } finally {
    await admin.disconnect();
  }
}

function wantedTopics(config: Config<"stack">, isLocal: boolean): TopicSettings[] {
  const { topic, dlqTopic } = config.kafka;
  const topics = [topicSettings(topic, config.stack.partitions), topicSettings(dlqTopic, 1)];
  if (isLocal) return topics;
  // A cluster knows better how many replicas it wants and how many of them must have a record.
  return topics.map((settings) => {
    const { "min.insync.replicas": _, ...rest } = settings.config;
    return { ...settings, replicationFactor: -1, config: rest };
  });
}
