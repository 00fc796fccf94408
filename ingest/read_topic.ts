/** For tests: every record of a topic, as any consumer sees them. */
import { connectAdmin, connectConsumer, type ConsumedRecord } from "@tally/shared/kafka";
import { until } from "./testing.ts";

const PARTITIONS = 6;
/** Enough for what a broker needs to come back and elect itself. */
const TIMEOUT_MS = 20_000;

/** Makes a topic of six partitions. */
export async function createTopic(bootstrapServers: string, topic: string): Promise<void> {
  const admin = await connectAdmin({ bootstrapServers });
  await admin.createTopics([{ topic, partitions: PARTITIONS, replicationFactor: 1, config: {} }]);
  await admin.disconnect();
}

/** Reads all records from the log's start to its end as it is now. */
export async function readTopic(
  bootstrapServers: string,
  topic: string,
): Promise<ConsumedRecord[]> {
  const admin = await connectAdmin({ bootstrapServers });
  const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const watermarks = await admin.watermarks(topic, all, TIMEOUT_MS);
  await admin.disconnect();
  const total = [...watermarks.values()].reduce((sum, { high }) => sum + Number(high), 0);
  const consumer = await connectConsumer(
    { bootstrapServers },
    {
      groupId: `read-${Bun.randomUUIDv7()}`,
      topic,
      sessionTimeoutMs: 6000,
      groupProtocol: "classic",
      fetchWaitMs: 10,
      queuedBytesMax: 16 * 1024 * 1024,
      consumeTimeoutMs: 50,
      onAssign: (partitions) =>
        Promise.resolve(new Map(partitions.map((partition) => [partition, 0n]))),
      onRevoke: () => Promise.resolve(),
      onOffsetOutOfRange: () => undefined,
      onError: () => undefined,
    },
  );
  const records: ConsumedRecord[] = [];
  await until(async () => {
    records.push(...(await consumer.consume(10_000)));
    return records.length >= total;
  });
  await consumer.disconnect(2000);
  return records;
}
