/**
 * How fast the Kafka client consumes alone: records as bytes, counted and dropped.
 * Entry point.
 */
import { FETCH } from "@tally/processor/pipeline/topic";
import { connectConsumer, type Consumer } from "@tally/shared/kafka";

import { runAsProgram, type ProgramContext } from "../../driver/child.ts";

/** What the parent asks for. */
export interface RawConsumeOrder {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly group: string;
  /** Records that the topic holds. */
  readonly count: number;
}

/** The only report of this program. */
export interface RawConsumeOutcome {
  /** Time from the first records to the last ones. */
  readonly elapsedMs: number;
  /** Records that arrived in this time. */
  readonly records: number;
  readonly bytes: number;
}

/** As many per call as the processor takes. */
const RECORDS_MAX = 2000;
const CLOSE_MS_MAX = 5000;
/** Longest wait for all of them, ms. */
const ALL_MS_MAX = 120_000;

if (import.meta.main) await runAsProgram(main);

async function main(
  { bootstrapServers, topic, group, count }: RawConsumeOrder,
  { report }: ProgramContext<RawConsumeOutcome>,
): Promise<void> {
  const consumer = await connectConsumer(
    { bootstrapServers },
    {
      groupId: group,
      topic,
      sessionTimeoutMs: 10_000,
      groupProtocol: "classic",
      ...FETCH.postgres,
      consumeTimeoutMs: 50,
      onAssign: async (partitions) => new Map(partitions.map((partition) => [partition, 0n])),
      onRevoke: async () => undefined,
      onOffsetOutOfRange: (partition) => fail(`partition ${partition} does not begin at 0`),
      onStalled: (partition) => fail(`partition ${partition} does not move`),
      onError: (error) => console.error(error.message),
    },
  );
  const outcome = await countAll(consumer, count);
  await consumer.disconnect(CLOSE_MS_MAX);
  report(outcome);
}

async function countAll(consumer: Consumer, count: number): Promise<RawConsumeOutcome> {
  const endAt = performance.now() + ALL_MS_MAX;
  let [seen, bytes, first, beganAt] = [0, 0, 0, 0];
  while (seen < count) {
    const records = await consumer.consume(RECORDS_MAX);
    if (performance.now() > endAt) fail(`${seen} of ${count} records arrived in time`);
    if (seen === 0 && records.length > 0) [beganAt, first] = [performance.now(), records.length];
    for (const { value } of records) bytes += value?.length ?? 0;
    seen += records.length;
  }
  return { elapsedMs: performance.now() - beganAt, records: seen - first, bytes };
}

function fail(reason: string): never {
  throw new Error(`Cannot consume: ${reason}`);
}
