/**
 * The processor: Kafka -> PostgreSQL + S3 -> SSE. Builds the parts, listens at once, and brings up
 * the pipelines when their dependencies answer. Stops in reverse order. Runs only as the entry
 * point.
 */
import { hostname } from "node:os";
import { join } from "node:path";
import {
  createLog,
  createMetrics,
  errorCode,
  loadConfig,
  monotonicNow,
  PipelineError,
  runService,
  wallNow,
  withinTime,
  type Config,
  type Log,
  type Metrics,
  type RunningService,
} from "@tally/shared";
import {
  connectAdmin,
  connectProducer,
  kafkaConnection,
  type ProducerOptions,
} from "@tally/shared/kafka";
import { addToHistory, EMPTY_HISTORY } from "@tally/shared/frame_history";
import type { Database } from "@tally/shared/database";
import { startAccess, type AccessParts } from "./access/start_access.ts";
import { createSessionStore, credentialReader, newSessionText } from "./access/stored_access.ts";
import { startFrames } from "./live/frame_loop.ts";
import { CLIENT_ID, topicReader, type TopicReader } from "./pipeline/topic.ts";
import { openPools, type Pools } from "./database/pools.ts";
import { copyReader } from "./dead_letters/copy_reader.ts";
import { createLetterTopic } from "./dead_letters/letter_topic.ts";
import { createResender } from "./dead_letters/resend.ts";
import { startPeriodicTasks, type PeriodicTasks } from "./periodic_tasks.ts";
import { startOtherGroups } from "./upkeep/other_groups.ts";
import { countSubscribers, showFrame } from "./live/frame_metrics.ts";
import { createArchiveStore } from "./archive/object_store.ts";
import { startProcessing, type Processing } from "./bring_up.ts";
import { createRetentionAlarm } from "./live/retention.ts";
import { createStoreAnswers } from "./live/store_answers.ts";
import { startServer } from "./http/server.ts";
import { createQueries } from "./queries/queries.ts";
import { createSnapshots } from "./queries/snapshots.ts";
import { ROUND_CLOCK } from "./live/rounds.ts";
import { createHub } from "./live/stream.ts";

/** What a test may replace. */
export interface StartOptions {
  readonly log?: Log;
  /** Receives a defect of the code. The entry point then ends the process. */
  readonly onDefect?: (error: unknown) => void;
}

// How soon a browser that lost the stream connects again.
const STREAM_RETRY_MS = 1000;
// Dead letters are few and can wait.
const DLQ_PRODUCER: ProducerOptions = {
  lingerMs: 5,
  messageTimeoutMs: 10_000,
  queueRecordsMax: 1000,
  queueBytesMax: 64 * 1024 * 1024,
  compression: "lz4",
  connectTimeoutMs: 2000,
};
// How long a stop may take after the pipelines: for streams, clients and pools.
const CLOSE_MS_MAX = 1500;
const HOUR_MS = 3_600_000;
const DASHBOARD_FOLDER = join(import.meta.dir, "..", "dashboard", "dist");

/**
 * Starts the processor. Kafka, PostgreSQL and the store may be absent: it listens and waits for
 * them. A stop first writes what is buffered and closes the open objects of the archive.
 *
 * @throws {PipelineError} `client_unavailable`, `config_invalid`: not retryable.
 */
export async function start(
  config: Config<"processor">,
  options: StartOptions = {},
): Promise<RunningService> {
  const log = options.log ?? createLog("processor", config.log.level);
  const metrics = createMetrics("processor");
  const pools = openPools(config, { log, monotonicNow });
  const { topic, letterTopic } = await openTopics(config, pools.frames, log);
  const stored = openStore(config, log);
  const processing = startProcessing({
    config,
    sql: pools.writes,
    topic,
    ...stored,
    letterTopic,
    log,
    metrics,
    wallNow,
    monotonicNow,
    random: Math.random,
    onReadOnly: pools.onReadOnly,
    onDefect: (error) => reportDefect(error, log, options),
  });
  const parts = { config, sql: pools.frames, processing, log, metrics };
  const live = startLive({ ...parts, topic, onReadOnly: pools.onReadOnly });
  let tasks: PeriodicTasks | null = null;
  const server = startServer({
    config,
    metrics,
    log,
    hub: live.hub,
    sql: pools.viewers,
    ...openAccess(config, pools.frames, log),
    queries: openQueries(config, pools, live.completeUpTo),
    resender: createResender({
      sql: pools.viewers,
      producer: () => connecting,
      topicLog: processing.topicLog,
      metrics,
      log,
    }),
    ...live.shown,
    dlqRemedy: () => tasks?.dlqRemedy() ?? null,
    isJoined: processing.isJoined,
    dashboardFolder: DASHBOARD_FOLDER,
    ingestUrl: config.processor.ingestUrl,
    newRequestId: () => Bun.randomUUIDv7(),
  });
  // After listening, because it takes a while when no broker answers.
  const connecting = connectProducer(kafkaConnection(config, CLIENT_ID), DLQ_PRODUCER);
  const producer = await connecting;
  const { fill: fillSql } = pools;
  tasks = startPeriodicTasks({ ...parts, producer, letterTopic, fillSql, random: Math.random });
  log.info({ url: server.url }, "Processor started.");

  let stopping: Promise<void> | null = null;
  async function stop(): Promise<void> {
    server.announceStop();
    await processing.stop(config.processor.shutdownMs);
    // Whatever still waits for an answer after this time is abandoned: it can be repeated.
    const { others, frames } = live;
    const ended = [tasks?.stop(), others.stop(), frames.stop(), server.stop(CLOSE_MS_MAX)];
    await withinTime(Promise.all<unknown>(ended), CLOSE_MS_MAX);
    await Promise.all([producer.disconnect(CLOSE_MS_MAX), topic.close()]);
    stored.store?.close();
    await pools.close();
    log.info({}, "Processor stopped.");
  }
  return { url: server.url, stop: () => (stopping ??= stop()) };
}

/** The store of the archive, or null without one, and which of its requests are answered. */
function openStore(config: Config<"processor">, log: Log) {
  const storeAnswers = createStoreAnswers({ wallNow, monotonicNow });
  const noteRequest = storeAnswers.began;
  const store = config.archive.enabled ? createArchiveStore(config, { log, noteRequest }) : null;
  return { store, storeAnswers };
}

/** What answers questions, on connections of its own. */
function openQueries(
  { analytics }: Config<"processor">,
  pools: Pools,
  completeUpTo: () => string | null,
) {
  const snapshots = createSnapshots({ sql: pools.queries, cancelling: pools.frames });
  const clocks = { wallNow, monotonicNow };
  return createQueries({ snapshots, ...clocks, rowsMax: analytics.rowsMax, completeUpTo });
}

/** Keys and sessions. A viewer's query must not delay them, so they share the frames' pool. */
function openAccess(config: Config<"processor">, sql: Database, log: Log): AccessParts {
  const read = credentialReader(sql, config.database.schema);
  const store = createSessionStore(sql, newSessionText);
  return startAccess({ config, read, store, log, now: monotonicNow });
}

/** The two topics. Nothing is asked yet, so a broker that is down is no error here. */
async function openTopics(config: Config<"processor">, sql: Database, log: Log) {
  const admin = await connectAdmin(kafkaConnection(config, CLIENT_ID));
  const newId = () => Bun.randomUUIDv7();
  const read = copyReader({ config, now: monotonicNow, newId });
  const parts = { config, sql, admin, read, log };
  return {
    topic: topicReader(admin, config.kafka.topic),
    letterTopic: createLetterTopic({ ...parts, now: monotonicNow, random: Math.random }),
  };
}

/** What a server shows only once it is reached can be wrong with the configuration, too. */
function reportDefect(error: unknown, log: Log, { onDefect }: StartOptions): void {
  const code = errorCode(error);
  const { message, remedy } = error as PipelineError;
  if (code === "config_invalid") log.error({ code, remedy }, message);
  else if (code === "topic_recreated") log.error({ code }, message);
  else log.error({ error }, "Processor exits at once because of a defect in its code.");
  onDefect?.(error);
}

interface LiveParts {
  readonly config: Config<"processor">;
  readonly sql: Database;
  readonly topic: TopicReader;
  readonly processing: Processing;
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
}

/** The subscribers of the stream, the frames that they receive, and who else is at work. */
function startLive(parts: LiveParts & { readonly onReadOnly: () => void }) {
  const { config, sql, topic, processing, log, metrics, onReadOnly } = parts;
  const others = lookForOtherGroups(parts);
  let lostRecords = 0;
  let completeUpTo: string | null = null;
  let history = EMPTY_HISTORY;
  const warnOfRetention = createRetentionAlarm(log);
  const hub = createHub({
    ...config.stream,
    retryMs: STREAM_RETRY_MS,
    clock: ROUND_CLOCK,
    ...countSubscribers(metrics),
  });
  const frames = startFrames({
    sql,
    topicLog: processing.topicLog,
    look: () => lookAtTopic(topic, processing),
    states: processing.states,
    troubles: processing.troubles,
    remedies: processing.remedies,
    errors: processing.errors,
    onStandby: onReadOnly,
    archiveEnabled: config.archive.enabled,
    retentionMs: config.processor.retentionHours * HOUR_MS,
    intervalMs: config.stream.intervalMs,
    wallNow,
    monotonicNow,
    log,
    processors: () => ({ otherGroups: others.groups(), owners: others.owners() }),
    subscribers: () => hub.subscribers,
    onFrame: (frame, json, counts) => {
      lostRecords = frame.lostRecords;
      completeUpTo = frame.completeUpTo;
      history = addToHistory(history, frame);
      showFrame(metrics, frame);
      warnOfRetention(frame.partitions);
      hub.announce("metrics", json, counts === null ? null : { event: "counts", data: counts });
    },
    onError: (error) => log.error({ error }, "Frame could not be made."),
  });
  const { dependencies } = frames;
  const shown = {
    dependencies,
    otherGroups: others.groups,
    lostRecords: () => lostRecords,
    history: () => history,
  };
  return { hub, frames, others, shown, completeUpTo: () => completeUpTo };
}

function lookForOtherGroups({ config, processing, ...parts }: LiveParts) {
  return startOtherGroups({
    ...parts,
    topicLog: processing.topicLog,
    groupPrefix: config.processor.groupPrefix,
    processId: Bun.randomUUIDv7(),
    label: `${hostname()}:${process.pid}`,
    held: processing.held,
    now: monotonicNow,
    backoffMsMax: config.processor.backoffMs,
    random: Math.random,
  });
}

/** Looks at the topic, and notes how Kafka answered. */
async function lookAtTopic(topic: TopicReader, processing: Processing) {
  try {
    const look = await topic.look();
    processing.noteKafka(null);
    processing.noteTopic(look);
    return look;
  } catch (error) {
    if (error instanceof PipelineError) processing.noteKafka(error);
    throw error;
  }
}

if (import.meta.main) {
  // After a defect the state is in doubt. The next process reads it again from the positions.
  const options: StartOptions = { onDefect: () => process.exit(1) };
  await runService("processor", () => start(loadConfig(Bun.env, "processor"), options));
}
