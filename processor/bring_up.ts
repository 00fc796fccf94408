/**
 * Both pipelines, brought up when what they need is there: the tables, the
 * topic, then a pipeline for each sink. Waits for what is absent and says for
 * what; rows never wait for the archive's store.
 */
import { type Config, type Log, type Metrics, type PipelineError } from "@tally/shared";
import { archiveSink, type ArchiveSink } from "./archive/archive_sink.ts";
import { connectSinkConsumer, type TopicReader } from "./pipeline/topic.ts";
import { migrate, type Database } from "./database/database.ts";
import type { ObjectStore } from "./archive/object_store.ts";
import { startPipeline, type Pipeline, type PipelineOptions } from "./pipeline/pipeline.ts";
import { registerLog, type TopicLog } from "./pipeline/positions.ts";
import { postgresSink } from "./rows/postgres_sink.ts";
import { pause, retrying } from "./pipeline/retry.ts";
import {
  createSeenStates,
  DEPENDENCY_BY_CODE,
  type SeenDependency,
  type SeenStates,
} from "./live/dependency_states.ts";
import type { Sink, Written } from "./pipeline/sink.ts";

export interface ProcessingOptions {
  readonly config: Config<"processor">;
  readonly sql: Database;
  readonly topic: TopicReader;
  /** Null: runs without the archive. */
  readonly store: ObjectStore | null;
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  readonly now: () => number;
  readonly random: () => number;
  /** Told of a defect of ours: the process must end. */
  readonly onDefect: (error: unknown) => void;
}

/** A log that is being processed. */
export interface ProcessedLog extends TopicLog {
  readonly partitions: number;
}

export interface Processing {
  /** Null until tables and topic are there. */
  readonly topicLog: () => ProcessedLog | null;
  /** What the pipelines know of what they depend on. */
  readonly states: SeenStates["states"];
  /** Whether the rows' pipeline has joined its group, so that a record is a row soon. */
  readonly isJoined: () => boolean;
  /** Partitions that wait for an operator, by sink. */
  readonly stopped: () => Readonly<Record<Sink["name"], ReadonlyMap<number, string>>>;
  /** Stops both: the rows first, so that the archive's last objects may follow them. */
  stop(deadlineMs: number): Promise<void>;
}

// A statement may wait for a lock, then run, each within its timeout; then come reconnecting and
// the network.
const ANSWER_MS = 3000;
// A query of a few rows a sink; an operator waits that long for a `resume` to show. Chosen.
const LOOK_MS = 2000;
// What a bringing up that is under way gets when the processor stops.
const BRING_UP_END_MS_MAX = 1000;
const NONE: ReadonlyMap<number, string> = new Map();

/** Begins to bring the pipelines up; returns at once. */
export function startProcessing(options: ProcessingOptions): Processing {
  const stopping = new AbortController();
  const seen = createSeenStates();
  const pipelines: { postgres?: Pipeline; archive?: Pipeline } = {};
  let processed: ProcessedLog | null = null;

  const wait = createWait(options, stopping.signal, seen);
  const bringUp = async (): Promise<void> => {
    processed = await findLog(options, stopping.signal, wait);
    if (processed === null) return;
    const archive = openArchive(options, processed);
    const rowsSink = openRows(options, processed);
    pipelines.postgres = await startSink(options, processed.topicId, {
      sink: rowsSink,
      onWritten: ({ batch }) => archive?.rowsWritten(batch),
      onFailing: (codes) => seen.failing("postgres", codes),
    });
    if (archive === null || stopping.signal.aborted) return;
    pipelines.archive = await startSink(options, processed.topicId, {
      sink: archive,
      onWritten: ({ events, already }) => {
        if (events > 0 && !already) seen.looked("s3", true);
      },
      onFailing: (codes) => seen.failing("archive", codes),
    });
  };
  // An object that was stored says more than a look at the bucket.
  const findStore = async (store: ObjectStore): Promise<void> => {
    await wait(async () => {
      if (seen.states().s3 !== "up") await store.reach(stopping.signal);
    }, "s3");
  };
  const up = bringUp().catch(options.onDefect);
  if (options.store !== null) findStore(options.store).catch(options.onDefect);

  return {
    topicLog: () => processed,
    states: () => seen.states(),
    isJoined: () => pipelines.postgres?.hasJoined() ?? false,
    stopped: () => ({
      postgres: pipelines.postgres?.stopped() ?? NONE,
      archive: pipelines.archive?.stopped() ?? NONE,
    }),
    async stop(deadlineMs) {
      stopping.abort();
      const endMs = performance.now() + deadlineMs;
      const leftMs = () => Math.max(1, endMs - performance.now());
      await Promise.race([up, pause(BRING_UP_END_MS_MAX)]);
      await pipelines.postgres?.stop(leftMs() / 2);
      await pipelines.archive?.stop(leftMs());
    },
  };
}

/** Repeats until it succeeds, which is an answer of `asked`; null when stopped before. */
type Wait = <T>(run: () => Promise<T>, asked?: SeenDependency) => Promise<T | null>;

/** Says of each service once that it is absent. */
function createWait(
  { config, log, random }: ProcessingOptions,
  signal: AbortSignal,
  seen: SeenStates,
): Wait {
  const waitedFor = new Set<string>();
  const onFailed = (error: PipelineError): void => {
    // What the stop itself cut off says nothing about a service.
    if (signal.aborted) return;
    const { code } = error;
    const dependency = DEPENDENCY_BY_CODE.get(code);
    if (dependency !== undefined) seen.looked(dependency, false);
    const what = SERVICES.get(code) ?? "PostgreSQL";
    if (waitedFor.has(what)) return;
    waitedFor.add(what);
    log.warn({ code, error }, `Waiting for ${what}.`);
  };
  const { backoffMs: backoffMsMax } = config.processor;
  return async (run, asked) => {
    const outcome = await retrying(run, { signal, backoffMsMax, random, onFailed });
    if (outcome !== null && asked !== undefined) seen.looked(asked, true);
    return outcome;
  };
}

const SERVICES: ReadonlyMap<string, string> = new Map([
  ["broker_unavailable", "Kafka"],
  ["archive_unavailable", "S3"],
]);

/** Waits until the tables are there and the topic has an id; null when stopped before. */
async function findLog(
  { config, sql, topic }: ProcessingOptions,
  signal: AbortSignal,
  wait: Wait,
): Promise<ProcessedLog | null> {
  // Both at once, so that each is said that is absent.
  await Promise.all([
    wait(() => migrate(sql, config.database.schema), "postgres"),
    wait(() => topic.describe()),
  ]);
  if (signal.aborted) return null;
  return await wait(async () => {
    // Anew: the topic may have been made again while the database was away.
    const { topicId, partitions } = await topic.describe();
    return { ...(await registerLog(sql, config.kafka.topic, topicId)), partitions };
  }, "postgres");
}

function openRows({ config, sql, now }: ProcessingOptions, topicLog: ProcessedLog): Sink {
  const { batchRecordsMax, batchBytesMax, batchAgeMs } = config.processor;
  const limits = {
    recordsMax: batchRecordsMax,
    bytesMax: batchBytesMax,
    ageMsMax: batchAgeMs,
    hourly: false,
  };
  const answerMsMax = 2 * config.database.statementTimeoutMs + ANSWER_MS;
  return postgresSink({ sql, topicLog, limits, answerMsMax, now });
}

function openArchive(
  { config, sql, store }: ProcessingOptions,
  topicLog: ProcessedLog,
): ArchiveSink | null {
  return store === null ? null : archiveSink({ sql, topicLog, config, objectStore: store });
}

function startSink(
  options: ProcessingOptions,
  topicId: string,
  own: Pick<PipelineOptions, "sink" | "onWritten" | "onFailing">,
): Promise<Pipeline> {
  const { config, log, metrics, now, random, onDefect } = options;
  const { sink, onWritten } = own;
  return startPipeline({
    ...own,
    topicId,
    connect: (events) => connectSinkConsumer(config, sink.name, events),
    config: config.processor,
    log,
    metrics,
    now,
    random,
    lookMs: LOOK_MS,
    onWritten: (written) => {
      countWritten(metrics, sink.name, written);
      onWritten(written);
    },
    onDefect,
  });
}

function countWritten(metrics: Metrics<"processor">, sink: Sink["name"], written: Written): void {
  const { batch, events, duplicates, deadLetters, already } = written;
  metrics.processor_batches_closed_total.inc({ sink, reason: batch.reason });
  if (already) return;
  metrics.processor_records_total.inc({ sink }, batch.records.length);
  if (sink === "archive") {
    metrics.processor_archived_events_total.inc(events);
    if (events > 0) metrics.processor_archived_objects_total.inc();
    return;
  }
  metrics.processor_rows_total.inc(events);
  if (duplicates > 0) metrics.processor_duplicates_total.inc(duplicates);
  for (const code of deadLetters) metrics.processor_dead_letters_total.inc({ code });
}
