/** Makes producers and consumers: loads the client, then connects. */
import { type ClientLibrary, loadClient } from "./client.ts";
import type { KafkaConnection } from "./connection.ts";
import type { Consumer, ConsumerOptions } from "./consumer.ts";
import { GroupConsumer } from "./group_consumer.ts";
import { IdempotentProducer } from "./idempotent_producer.ts";
import type { Producer, ProducerOptions } from "./producer.ts";

/**
 * Loads the client and connects.
 *
 * Without a broker it resolves, too, after `connectTimeoutMs`: the producer answers
 * `broker_unavailable` until a broker is there.
 *
 * @throws {PipelineError} `client_unavailable`, `config_invalid`.
 */
export async function connectProducer(
  connection: KafkaConnection,
  options: ProducerOptions,
): Promise<Producer> {
  return createProducer(await loadClient(), connection, options);
}

/** Like connectProducer(), with a client that was loaded before. */
export async function createProducer(
  library: ClientLibrary,
  connection: KafkaConnection,
  options: ProducerOptions,
): Promise<Producer> {
  const producer = new IdempotentProducer(library, connection, options);
  await producer.connect();
  return producer;
}

/**
 * Loads the client and joins the group.
 *
 * Without a broker it resolves, too: the consumer reports that through `onError`, has
 * no records, and joins as soon as there is a broker.
 *
 * @throws {PipelineError} `client_unavailable`, `config_invalid`.
 */
export async function connectConsumer(
  connection: KafkaConnection,
  options: ConsumerOptions,
): Promise<Consumer> {
  const consumer = new GroupConsumer(await loadClient(), connection, options);
  await consumer.connect();
  return consumer;
}
