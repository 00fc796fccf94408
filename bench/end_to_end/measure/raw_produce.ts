/**
 * The client's raw produce: records that lie ready in memory, nothing but the
 * producer with ingest's settings around them. Entry point; prints JSON.
 */
import { loadConfig } from "@tally/shared";
import { connectProducer, type OutgoingRecord, type Producer } from "@tally/shared/kafka";

import { logRecords } from "./log_records.ts";

/** The one argument, as JSON. */
export interface RawProduceOrder {
  readonly bootstrapServers: string;
  readonly topic: string;
  readonly run: string;
  readonly count: number;
}

export interface RawProduceOutcome {
  /** From the first record handed over to the last delivery report, ms. */
  readonly elapsedMs: number;
  /** Records with a report that they are in the log. */
  readonly acknowledged: number;
}

/** Records handed over at once, as many as one request of the batch figures has events. */
const SLICE_RECORDS = 500;
/** Slices under way: enough that the client is never idle, few enough that its queue has room. */
const SLICES_MAX = 200;
const CLOSE_MS_MAX = 5000;

if (import.meta.main) await main(JSON.parse(Bun.argv[2] ?? "") as RawProduceOrder);

async function main({ bootstrapServers, topic, run, count }: RawProduceOrder): Promise<void> {
  // The terminal's first Ctrl-C is for the bench, which lets the round come to its end.
  process.once("SIGINT", () => undefined);
  const { ingest } = loadConfig({}, "ingest");
  const producer = await connectProducer(
    { bootstrapServers },
    {
      lingerMs: ingest.lingerUs / 1000,
      messageTimeoutMs: ingest.requestDeadlineMs,
      queueRecordsMax: ingest.queueRecordsMax,
      queueBytesMax: ingest.queueBytesMax,
      compression: "none",
      connectTimeoutMs: CLOSE_MS_MAX,
    },
  );
  const records = logRecords({ run, count, receivedAtMs: Date.now() });
  const beganAt = performance.now();
  const acknowledged = await produceAll(producer, { topic, records });
  const elapsedMs = performance.now() - beganAt;
  await producer.disconnect(CLOSE_MS_MAX);
  process.stdout.write(`${JSON.stringify({ elapsedMs, acknowledged })}\n`);
}

/** Keeps the client's queue filled; resolves with how many were acknowledged. */
function produceAll(
  producer: Producer,
  { topic, records }: { topic: string; records: readonly OutgoingRecord[] },
): Promise<number> {
  const all = Promise.withResolvers<number>();
  let next = 0;
  let answered = 0;
  let acknowledged = 0;
  const produceNext = () => {
    const slice = records.slice(next, next + SLICE_RECORDS);
    if (slice.length === 0) return;
    next += slice.length;
    let waiting = slice.length;
    producer.produceBatch(topic, slice, (_, outcome) => {
      if (!("code" in outcome)) acknowledged += 1;
      answered += 1;
      waiting -= 1;
      if (answered === records.length) all.resolve(acknowledged);
      else if (waiting === 0) produceNext();
    });
  };
  for (let slice = 0; slice < SLICES_MAX; slice += 1) produceNext();
  return all.promise;
}
