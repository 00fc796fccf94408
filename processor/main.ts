/**
 * The processor: Kafka -> PostgreSQL + S3 -> SSE. Builds the parts, listens at
 * once, and brings the pipelines up when what they need is there; stops in
 * reverse order. Runs itself only as the entry point.
 */
import { join } from "node:path";
import {
  PipelineError,
  createLog,
  createMetrics,
  loadConfig,
  type Config,
  type Log,
} from "@tally/shared";
import { connectProducer } from "@tally/shared/kafka";
import { startFrames } from "./announce.ts";
import { kafkaConnection, openTopic } from "./consume.ts";
import { openDatabase } from "./database.ts";
import { startOutbox } from "./dead_letter_outbox.ts";
import { showFrame } from "./frame_metrics.ts";
import { createArchiveStore } from "./object_store.ts";
import { startProcessing } from "./processing.ts";
import { startServer } from "./server.ts";
import { createHub } from "./stream.ts";

/** A service that runs. */
export interface RunningProcessor {
  readonly url: string;
  /** Ends the service: what is buffered is written, the archive's open objects are closed. Safe to call twice. */
  stop(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export interface StartOptions {
  readonly log?: Log;
  /** Told of a defect of ours; the entry point ends the process. */
  readonly onDefect?: (error: unknown) => void;
}

// Viewers' questions: a few at a time, apart from the pool of the pipelines.
const READ_CONNECTIONS = 3;
// Frames and the outbox: apart from viewers, whose slow questions must not hold them up.
const FRAME_CONNECTIONS = 2;
// Told to browsers that lost the stream.
const STREAM_RETRY_MS = 1000;
// Dead letters are few and can wait.
const DLQ_LINGER_MS = 5;
const DLQ_TIMEOUT_MS = 10_000;
const DLQ_QUEUE_BYTES_MAX = 64 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 2000;
// What is left of a stop after the pipelines: streams, clients, pools.
const CLOSE_MS_MAX = 1500;
const DASHBOARD_FOLDER = join(import.meta.dir, "..", "dashboard", "dist");

/**
 * Starts the processor. Kafka, PostgreSQL and the store may be absent: it listens and waits for them.
 *
 * @throws {PipelineError} `client_unavailable`, `config_invalid`: nothing to be repeated.
 */
export async function start(
  config: Config<"processor">,
  options: StartOptions = {},
): Promise<RunningProcessor> {
  const log = options.log ?? createLog("processor", config.log.level);
  const metrics = createMetrics("processor");
  const sql = openDatabase(config, "tally-processor");
  const readSql = openDatabase(
    { database: { ...config.database, connections: READ_CONNECTIONS } },
    "tally-processor-reads",
  );
  const frameSql = openDatabase(
    { database: { ...config.database, connections: FRAME_CONNECTIONS } },
    "tally-processor-frames",
  );
  const topic = await openTopic(config);
  const store = config.archive.enabled ? createArchiveStore(config) : null;
  const processing = startProcessing({
    ...{ config, sql, topic, store, log, metrics },
    now: Date.now,
    random: Math.random,
    onDefect: (error) => {
      log.error({ error }, "Processor hit a defect of its own.");
      options.onDefect?.(error);
    },
  });
  const hub = createHub({
    subscribersMax: config.stream.subscribersMax,
    subscriberBytesMax: config.stream.subscriberBytesMax,
    retryMs: STREAM_RETRY_MS,
    onSubscribers: (subscribers) => metrics.processor_subscribers.set(subscribers),
    onDisconnected: (reason) => metrics.processor_subscribers_disconnected_total.inc({ reason }),
  });
  const frames = startFrames({
    sql: frameSql,
    log: processing.log,
    readWatermarks: () => topic.highWatermarks(processing.log()?.partitions ?? 0),
    states: processing.states,
    archiveEnabled: config.archive.enabled,
    intervalMs: config.stream.intervalMs,
    now: Date.now,
    subscribers: () => hub.subscribers,
    onFrame: (frame, json) => {
      showFrame(metrics, frame);
      hub.announce("metrics", json);
    },
    onError: (error) => log.error({ error }, "Frame could not be made."),
  });
  const server = startServer({
    ...{ config, metrics, log, hub },
    sql: readSql,
    dependencies: frames.dependencies,
    dashboardFolder: DASHBOARD_FOLDER,
    ingestUrl: config.processor.ingestUrl,
    newRequestId: () => Bun.randomUUIDv7(),
  });
  const producer = await connectProducer(kafkaConnection(config), {
    lingerMs: DLQ_LINGER_MS,
    messageTimeoutMs: DLQ_TIMEOUT_MS,
    queueRecordsMax: 1000,
    queueBytesMax: DLQ_QUEUE_BYTES_MAX,
    compression: "lz4",
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  const outbox = startOutbox({
    ...{ sql: frameSql, producer, kafka: config.kafka, metrics, log },
    backoffMsMax: config.processor.backoffMs,
    random: Math.random,
  });
  log.info({ url: server.url }, "Processor started.");

  let stopping: Promise<void> | null = null;
  async function stop(): Promise<void> {
    server.announceStop();
    await processing.stop(config.processor.shutdownMs);
    await Promise.all([outbox.stop(), frames.stop(), server.stop(CLOSE_MS_MAX)]);
    await Promise.all([producer.disconnect(CLOSE_MS_MAX), topic.close()]);
    store?.close();
    await Promise.all([sql, readSql, frameSql].map((pool) => pool.end({ timeout: 1 })));
    log.info({}, "Processor stopped.");
  }
  return { url: server.url, stop: () => (stopping ??= stop()) };
}

async function main(): Promise<void> {
  const service = await start(loadConfig(Bun.env, "processor"), {
    // State is in doubt: the next process re-reads it from the positions.
    onDefect: () => process.exit(1),
  });
  const end = async (): Promise<void> => {
    await service.stop();
    process.exit(0);
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    const log = createLog("processor", "error");
    if (error instanceof PipelineError) log.error({ code: error.code }, error.message);
    else log.error({ error }, "Processor could not start.");
    process.exit(1);
  });
}
