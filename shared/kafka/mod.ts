/**
 * The Confluent client on Bun, in the shape that this project needs: publish
 * with an answer for each record, consume from stated offsets, and a few
 * questions about topics. Nothing else of the project knows the client.
 */
export { type Admin, connectAdmin, type TopicDescription, type TopicSettings } from "./admin.ts";
export type { AssignmentEvents, Watermarks } from "./assignment.ts";
export {
  isTooLarge,
  kafkaConnection,
  type ClientLogLine,
  type KafkaConnection,
} from "./connection.ts";
export type { ConsumedRecord, KafkaHeader, OutgoingRecord } from "./client_record.ts";
export { connectConsumer, type Consumer, type ConsumerOptions } from "./consumer.ts";
export type { OnDelivery } from "./delivery_slots.ts";
export { type BuildProgress, ensureNativeFiles } from "./native/build.ts";
export { connectProducer, type Delivery, type Producer, type ProducerOptions } from "./producer.ts";
