/**
 * How fast the Kafka client produces alone: records that are ready in memory, and
 * a producer with ingest's settings. Entry point.
 */
import { loadConfig, wallNow } from "@tally/shared";
import { connectProducer, type OutgoingRecord, type Producer } from "@tally/shared/kafka";

import { runAsProgram, type ProgramContext } from "../../driver/child.ts";
import { logRecords, type RunPart } from "./log_records.ts";

/** What the parent asks for. */
export interface RawProduceOrder extends RunPart {
  readonly bootstrapServers: string;
  readonly topic: string;
}

/** The only report of this program. */
export interface RawProduceOutcome {
  /** Time from handing over the first record to the last delivery report. */
  readonly elapsedMs: number;
  /** Records that the broker has acknowledged. */
  readonly acknowledged: number;
}

/** Records per hand-over: as many as a request of the batch figures has events. */
const SLICE_RECORDS = 500;
/** Slices in flight: enough to keep the client busy, few enough for its queue. */
const SLICES_MAX = 200;
const CLOSE_MS_MAX = 5000;

if (import.meta.main) await runAsProgram(main);

async function main(
  { bootstrapServers, topic, ...part }: RawProduceOrder,
  { report }: ProgramContext<RawProduceOutcome>,
): Promise<void> {
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
  const records = logRecords(part, wallNow());
  const beganAt = performance.now();
  const acknowledged = await produceAll(producer, { topic, records });
  const elapsedMs = performance.now() - beganAt;
  await producer.disconnect(CLOSE_MS_MAX);
  report({ elapsedMs, acknowledged });
}

/** Keeps the client's queue filled. @returns How many records were acknowledged. */
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
      if (!(outcome instanceof Error)) acknowledged += 1;
      answered += 1;
      waiting -= 1;
      if (answered === records.length) all.resolve(acknowledged);
      else if (waiting === 0) produceNext();
    });
  };
  for (let slice = 0; slice < SLICES_MAX; slice += 1) produceNext();
  return all.promise;
}
