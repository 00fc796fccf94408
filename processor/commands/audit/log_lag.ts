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

/**
 * Asks Kafka how far each log reaches.
 *
 * @param isWhole Whether these are all partitions that have a position.
 */
export async function readReach(
  connection: KafkaConnection,
  partitions: readonly PartitionPositions[],
  isWhole: boolean,
): Promise<LogReach> {
  let admin: Admin | null = null;
  try {
    admin = await connectAdmin(connection);
    if (await admin.isReachable(KAFKA_MS_MAX)) return await askEach(admin, partitions, isWhole);
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

/** The same, of a client that is connected. */
export async function askEach(
  admin: Pick<Admin, "describeTopic" | "watermarks">,
  partitions: readonly PartitionPositions[],
  isWhole: boolean,
): Promise<LogReach> {
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
    const all = Array.from({ length: described.partitions }, (_, partition) => partition);
    const unread = isWhole ? all.filter((partition) => !numbers.includes(partition)) : [];
    const reach = await admin.watermarks(topic, [...numbers, ...unread], KAFKA_MS_MAX);
    for (const [partition, each] of reach) watermarks.set(placeId(log, partition), each);
    for (const partition of unread) notes.push(unreadText(topic, partition, reach.get(partition)));
  }
  return { watermarks, notes };
}

/** A partition that is not audited, because no sink has a position there. */
function unreadText(topic: string, partition: number, reach: Watermarks | undefined): string {
  const waiting = reach === undefined ? "an unknown number of" : String(reach.high - reach.low);
  return `Partition ${partition} of ${topic}: no sink has begun to read it; ${waiting} records wait`;
}
