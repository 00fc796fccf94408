/**
 * The Confluent client on Bun, in the shape that this project needs: publish
 * with an answer for each record, consume from stated offsets, and read
 * what topics exist. Nothing else in the project uses the client.
 */
export { type Admin, connectAdmin, type TopicDescription, type TopicSettings } from "./admin.ts";
export type { AssignmentEvents, Marks, Watermarks } from "./assignment_events.ts";
export {
  isTooLarge,
  kafkaConnection,
  type ClientLogLine,
  type KafkaConnection,
} from "./connection.ts";
export type { ConsumedRecord, OutgoingRecord } from "./client_record.ts";
export { connectConsumer, connectProducer } from "./connect.ts";
export type { Consumer, ConsumerOptions } from "./consumer.ts";
export { type BuildProgress, ensureNativeFiles } from "./native/build.ts";
export type { Delivery, OnDelivery, Producer, ProducerOptions } from "./producer.ts";
