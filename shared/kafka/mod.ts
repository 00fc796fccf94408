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
export { partitionOf } from "./cluster/partitioner.ts";
export type { Delivery, OnDelivery, Producer, ProducerOptions } from "./producer.ts";
export type { PartitionState, TopicState } from "./cluster/topic_state.ts";
export { findTopicTrouble } from "./cluster/topic_trouble.ts";
export {
  TROUBLE_ADVICE,
  isForOperator,
  readUnreachedBroker,
  type Trouble,
} from "./cluster/trouble.ts";
export { TroubleMemory } from "./cluster/trouble_memory.ts";
