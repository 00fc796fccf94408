/** The options of librdkafka for a producer: what it may keep, and how records leave. */
import type { ClientConfig } from "../client.ts";
import type { KafkaConnection } from "../connection.ts";
import type { ProducerOptions } from "../producer.ts";
import { globalConfig, topicConfig } from "../properties.ts";

/** Largest record with its key and headers, when the caller sets no other bound. */
const RECORD_BYTES_MAX = 1_000_000;

/** librdkafka's default: topics that take it, as those of Kafka's default do, see no change. */
const BATCH_BYTES_MAX = 1_000_000;

/** The largest batch of several records, as far as the options say. */
export function batchBytesMax({ properties = {} }: KafkaConnection): number {
  return Number(properties["batch.size"] ?? BATCH_BYTES_MAX);
}

/** The first argument of the client's constructor. */
export function producerConfig(
  connection: KafkaConnection,
  options: ProducerOptions,
): ClientConfig {
  return globalConfig(connection, {
    dr_cb: true,
    "enable.idempotence": true, // With it a retry inside the client can't write a record twice.
    "linger.ms": options.lingerMs,
    "queue.buffering.max.messages": options.queueRecordsMax,
    "queue.buffering.max.kbytes": Math.ceil(options.queueBytesMax / 1024),
    "message.max.bytes": options.recordBytesMax ?? RECORD_BYTES_MAX,
    "compression.codec": options.compression,
    // A batch goes out when it is ready, not when the last packet was acknowledged.
    "socket.nagle.disable": true,
  });
}

/** The second argument of the constructor: in the first these options are ignored. */
export function recordConfig(connection: KafkaConnection, options: ProducerOptions): ClientConfig {
  return topicConfig(connection, {
    "request.required.acks": -1, // All in-sync replicas.
    "message.timeout.ms": options.messageTimeoutMs,
    partitioner: "murmur2_random",
  });
}
