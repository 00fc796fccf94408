/** Shares of the partitions: none gets nothing while a sink is slower than the log. */
import {
  createMetrics,
  eventually,
  loadConfig,
  monotonicNow,
  silentLog,
  sleep,
  wallNow,
} from "@tally/shared";
import { connectProducer } from "@tally/shared/kafka";
import { createTopic, testNames, testStack } from "@tally/stack/testing";
import { expect, test } from "bun:test";
import { startPipeline } from "./pipeline.ts";
import type { Batch, Written } from "./sink.ts";
import { FakeSink } from "./testing/pipeline.ts";
import { connectSinkConsumer } from "./topic.ts";

const RECORDS = 300_000;
const SESSIONS = 5000;
const VALUE_BYTES = 250;
const PUBLISH_AT_ONCE = 10_000;
const TEST_MS_MAX = 120_000;
/** What one write costs; three at a time make 100,000 records per second at most. */
const WRITE_MS = 30;
const WRITES_MAX = 3;
/** Each write of this number takes as long as a busy machine may make it take. */
const SLOW_EVERY = 25;
const SLOW_MS = 400;
/**
 * When half of all records are written, each partition has written at least this share of its own.
 * One that gets nothing while others have a backlog has 7 %.
 */
const SHARE_MIN = 0.1;

/** Slower than Kafka, and now and then slow for one partition. */
class SlowSink extends FakeSink {
  override readonly limits = { recordsMax: 1000, bytesMax: 4_194_304, ageMsMax: 10, hourly: false };
  readonly written = new Map<number, number>();
  #writes = 0;
  #running = 0;
  #free = Promise.withResolvers<void>();

  override async write(batch: Batch, signal: AbortSignal): Promise<Written> {
    while (this.#running >= WRITES_MAX) await this.#free.promise;
    this.#running += 1;
    this.#writes += 1;
    await sleep(this.#writes % SLOW_EVERY === 0 ? SLOW_MS : WRITE_MS);
    const { partition, nextOffset } = batch;
    const position = await this.open(partition);
    this.positions.set(partition, { ...position, nextOffset });
    this.written.set(partition, Number(nextOffset));
    this.#running -= 1;
    this.#free.resolve();
    this.#free = Promise.withResolvers();
    return {
      batch,
      events: batch.records.length,
      duplicates: 0,
      deadLetters: [],
      already: signal.aborted,
    };
  }
}

test(
  "startPipeline() gives every partition its share when the sink is slower than the log",
  async () => {
    const stack = await testStack();
    const { topic, group } = testNames();
    await createTopic(stack, { topic, partitions: 6 });
    const ends = await fill(stack.kafka.bootstrapServers, topic);
    const env = {
      KAFKA_BOOTSTRAP_SERVERS: stack.kafka.bootstrapServers,
      KAFKA_TOPIC: topic,
      PROCESSOR_GROUP_PREFIX: group,
      DATABASE_URL: stack.postgres.url,
    };
    const config = loadConfig(env, "processor");
    const sink = new SlowSink();
    const metrics = createMetrics("processor");
    const defects: unknown[] = [];
    const pipeline = await startPipeline({
      sink,
      topicId: "topic-id",
      checkLog: async () => undefined,
      connect: (events) => connectSinkConsumer(config, sink.name, events),
      config: config.processor,
      log: silentLog(),
      metrics,
      now: monotonicNow,
      wallNow,
      random: () => 0,
      lookMs: 1000,
      onWritten: () => undefined,
      onFailing: () => undefined,
      onKafka: () => undefined,
      onDefect: (error) => defects.push(error),
    });
    let leastAtHalf: number | null = null;
    const isDone = await eventually(
      () => {
        if (sharesOf(sink.written, ends).sum >= 0.5)
          leastAtHalf ??= sharesOf(sink.written, ends).least;
        return [...ends].every(([partition, end]) => sink.written.get(partition) === end);
      },
      TEST_MS_MAX,
      { pollMs: 20 },
    );
    await pipeline.stop(1000);

    expect(isDone).toBe(true);
    expect(defects).toEqual([]);
    expect(leastAtHalf).toBeGreaterThan(SHARE_MIN);
    expect(await metrics.expose()).not.toContain('processor_stalls_total{sink="postgres"}');
  },
  TEST_MS_MAX,
);

/** Fills the topic. @returns The end of each partition. */
async function fill(bootstrapServers: string, topic: string): Promise<ReadonlyMap<number, number>> {
  const options = { lingerMs: 1, messageTimeoutMs: 30_000, compression: "none" } as const;
  const bounds = {
    queueRecordsMax: 2 * PUBLISH_AT_ONCE,
    queueBytesMax: 64_000_000,
    connectTimeoutMs: 5000,
  };
  const producer = await connectProducer({ bootstrapServers }, { ...options, ...bounds });
  const ends = new Map<number, number>();
  const value = Buffer.alloc(VALUE_BYTES, "x"); // The sink does not read it.
  for (let sent = 0; sent < RECORDS; sent += PUBLISH_AT_ONCE) {
    const answered = Promise.withResolvers<void>();
    let left = PUBLISH_AT_ONCE;
    const records = Array.from({ length: PUBLISH_AT_ONCE }, (_, number) => ({
      key: `session-${(sent + number) % SESSIONS}`,
      value,
      timestampMs: wallNow(),
    }));
    producer.produceBatch(topic, records, (_, outcome) => {
      if (outcome instanceof Error) answered.reject(outcome);
      else ends.set(outcome.partition, (ends.get(outcome.partition) ?? 0) + 1);
      if (--left === 0) answered.resolve();
    });
    await answered.promise;
  }
  await producer.disconnect(5000);
  return ends;
}

/** The written share of all records, and the least share of one partition. */
function sharesOf(written: ReadonlyMap<number, number>, ends: ReadonlyMap<number, number>) {
  const sum = [...written.values()].reduce((total, records) => total + records, 0) / RECORDS;
  const shares = [...ends].map(([partition, end]) => (written.get(partition) ?? 0) / end);
  return { sum, least: Math.min(...shares) };
}
