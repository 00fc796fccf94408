/**
 * The client's raw consume: records as bytes, counted and let go. Entry point;
 * prints JSON.
 */
import { FETCH } from "@tally/processor/pipeline/topic";
import { connectConsumer, type Consumer } from "@tally/shared/kafka";

/** The one argument, as JSON. */
export interface RawConsumeOrder {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly group: string;
  /** Records that are there. */
  readonly count: number;
}

export interface RawConsumeOutcome {
  /** From the first records to the last ones, ms. */
  readonly elapsedMs: number;
  /** Records that came in this time. */
  readonly records: number;
  readonly bytes: number;
}

/** As many at once as the processor takes. */
const RECORDS_MAX = 2000;
const CLOSE_MS_MAX = 5000;
/** Longest wait for all of them, ms. */
const ALL_MS_MAX = 120_000;

if (import.meta.main) await main(JSON.parse(Bun.argv[2] ?? "") as RawConsumeOrder);

async function main({ bootstrapServers, topic, group, count }: RawConsumeOrder): Promise<void> {
  // The terminal's first Ctrl-C is for the bench, which lets the round come to its end.
  process.once("SIGINT", () => undefined);
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
      onStalled: (partition) => fail(`partition ${partition} stands still`),
      onError: (error) => console.error(error.message),
    },
  );
  const outcome = await countAll(consumer, count);
  await consumer.disconnect(CLOSE_MS_MAX);
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

async function countAll(consumer: Consumer, count: number): Promise<RawConsumeOutcome> {
  const endAt = performance.now() + ALL_MS_MAX;
  let [seen, bytes, first, beganAt] = [0, 0, 0, 0];
  while (seen < count) {
    const records = await consumer.consume(RECORDS_MAX);
    if (performance.now() > endAt) fail(`${seen} of ${count} records came in time`);
    if (seen === 0 && records.length > 0) [beganAt, first] = [performance.now(), records.length];
    for (const { value } of records) bytes += value?.length ?? 0;
    seen += records.length;
  }
  return { elapsedMs: performance.now() - beganAt, records: seen - first, bytes };
}

function fail(reason: string): never {
  throw new Error(`Cannot consume: ${reason}`);
}
