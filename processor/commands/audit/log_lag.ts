/** How far the log reaches now, as Kafka says; an audit goes on without it. */
import { PipelineError } from "@tally/shared";
import {
  connectAdmin,
  type Admin,
  type KafkaConnection,
  type Watermarks,
} from "@tally/shared/kafka";

import { placeId, type PartitionPositions } from "./positions.ts";

/** What Kafka says; empty with a note that says why, when it says nothing. */
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
  return { watermarks: new Map(), notes: [`Kafka can't be asked, so lag is not known: ${reason}`] };
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
      notes.push(`Log ${log} is a topic "${topic}" that Kafka no longer has: its lag is not known`);
      continue;
    }
    const numbers = own.map(({ partition }) => partition);
    const reach = await admin.watermarks(topic, numbers, KAFKA_MS_MAX);
    for (const [partition, each] of reach) watermarks.set(placeId(log, partition), each);
  }
  return { watermarks, notes };
}
