/** The options of librdkafka for a consumer: how it joins its group, and how it fetches. */
import type { Assignment } from "./assignment.ts";
import type { ClientConfig } from "./client.ts";
import type { KafkaConnection } from "./connection.ts";
import type { ConsumerOptions } from "./consumer.ts";
import { globalConfig } from "./properties.ts";

/**
 * How long a partition is not fetched after its queue was full. With the default of a second, a
 * fast sink was without records half of the time.
 */
const QUEUE_BACKOFF_MS = 10;

export function consumerConfig(
  connection: KafkaConnection,
  options: ConsumerOptions,
): ClientConfig {
  const classic: ClientConfig = {
    "session.timeout.ms": options.sessionTimeoutMs,
    // A member learns of a rebalance from the answer to a heartbeat, and a rebalance takes two
    // heartbeats.
    "heartbeat.interval.ms": Math.ceil(options.sessionTimeoutMs / 10),
    "partition.assignment.strategy": "cooperative-sticky",
  };
  return globalConfig(connection, {
    ...(options.groupProtocol === "classic" ? classic : { "group.protocol": "consumer" }),
    "group.id": options.groupId,
    "enable.auto.commit": false,
    "enable.auto.offset.store": false,
    // Says where the log ends. Without it a marker at the end looks like a record that never comes.
    "enable.partition.eof": true,
    "fetch.wait.max.ms": options.fetch.waitMs,
    "fetch.min.bytes": options.fetch.bytesMin,
    "queued.min.messages": options.queuedRecordsMax, // In spite of its name: no fetch above it.
    "queued.max.messages.kbytes": Math.ceil(options.queuedBytesMax / 1024),
    "fetch.queue.backoff.ms": QUEUE_BACKOFF_MS,
    "socket.nagle.disable": true,
  });
}

/** What the callbacks of a client belong to; emptied when the consumer ends. */
export interface Owner {
  assignment: Assignment | null;
  announceNews: (() => void) | null;
}

/**
 * The client's two callbacks. They know their consumer through an object that
 * is emptied at the end, because the client never lets go of `rebalance_cb`
 * (it tests for null the wrong way round) and thereby of itself.
 */
export function callbacksOf(owner: Owner): ClientConfig {
  return {
    rebalance_cb: (error: unknown, list: { topic: string; partition: number }[]) =>
      owner.assignment?.onRebalance(error, list),
    // Not in the client's documentation, but the client's promise API depends on it.
    queue_non_empty_cb: () => owner.announceNews?.(),
  };
}
