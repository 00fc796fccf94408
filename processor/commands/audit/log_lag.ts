/** Reads from Kafka how far each log reaches now; an audit continues without an answer. */
import { PipelineError } from "@tally/shared";
import {
  connectAdmin,
  type Admin,
  type KafkaConnection,
  type Watermarks,
} from "@tally/shared/kafka";

import { placeId, type PartitionPositions } from "./audited_positions.ts";

/** What Kafka answered; empty, with a note that names the reason, when it did not. */
export interface LogReach {
  /** By `placeId`. */
  readonly watermarks: ReadonlyMap<string, Watermarks>;
  readonly notes: readonly string[];
}

/** Longest wait for Kafka, ms. */
const KAFKA_MS_MAX = 3_000;

/** Asks Kafka how far each log reaches. */
export async function readReach(
  connection: KafkaConnection,
  partitions: readonly PartitionPositions[],
): Promise<LogReach> {
  let admin: Admin | null = null;
  try {
    admin = await connectAdmin(connection);
    if (await admin.isReachable(KAFKA_MS_MAX)) return await askEach(admin, partitions);
    return unknown(`no answer from ${connection.bootstrapServers}`);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return unknown(error.message);
  } finally {
    await admin?.disconnect();
  }
}

function unknown(reason: string): LogReach {
  return {
    watermarks: new Map(),
    notes: [`Lag is unknown, because Kafka does not answer: ${reason}`],
  };
}

async function askEach(admin: Admin, partitions: readonly PartitionPositions[]): Promise<LogReach> {
  const watermarks = new Map<string, Watermarks>();
  const notes: string[] = [];
  for (const [log, own] of Map.groupBy(partitions, (each) => each.log)) {
    const [first] = own;
    if (first === undefined) continue;
    const { topic, topicId } = first;
    const described = await admin.describeTopic(topic, KAFKA_MS_MAX);
    if (described?.topicId !== topicId) {
      notes.push(`Log ${log} is a topic "${topic}" that Kafka no longer has: its lag is unknown`);
      continue;
    }
    const numbers = own.map(({ partition }) => partition);
    const reach = await admin.watermarks(topic, numbers, KAFKA_MS_MAX);
    for (const [partition, each] of reach) watermarks.set(placeId(log, partition), each);
  }
  return { watermarks, notes };
}
