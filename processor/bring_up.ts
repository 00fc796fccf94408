/**
 * Brings up both pipelines: waits for the tables and the topic, then starts a pipeline for each
 * sink. Logs what it waits for. The rows never wait for the store of the archive.
 */
import {
  needsOperator,
  sleep,
  withinTime,
  type Clocks,
  type Config,
  type Log,
  type Metrics,
  type PipelineError,
} from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { archiveSink, type ArchiveSink } from "./archive/archive_sink.ts";
import { connectSinkConsumer, type Topic, type TopicReader } from "./pipeline/topic.ts";
import { countWritten } from "./count_written.ts";
import type { LearnedLetters } from "./dead_letters/known_letters.ts";
import type { LetterTopic } from "./dead_letters/letter_topic.ts";
import { prepareTables } from "./database/database.ts";
import { explainRefusal } from "./database/explain.ts";
import type { ObjectStore } from "./archive/object_store.ts";
import { startPipeline, type Pipeline, type PipelineOptions } from "./pipeline/pipeline.ts";
import { createGeneration, exceptRecreated, type Generation } from "./pipeline/generation.ts";
import { registerLog, type TopicLog } from "./pipeline/positions.ts";
import type { HeldPartitions } from "./upkeep/owners.ts";
import { postgresSink } from "./rows/postgres_sink.ts";
import { createSeenStates, type SeenStates } from "./live/dependency_states.ts";
import { createWait, type Wait } from "./waiting.ts";
import type { StoreAnswers } from "./live/store_answers.ts";
import type { Sink } from "./pipeline/sink.ts";
import type { Failures } from "./pipeline/sink_health.ts";

export interface ProcessingOptions extends Clocks {
  readonly config: Config<"processor">;
  readonly sql: Database;
  readonly topic: TopicReader;
  /** Null when the archive is disabled. */
  readonly store: ObjectStore | null;
  /** Which of its requests are answered. */
  readonly storeAnswers: StoreAnswers;
  /** Where dead letters are learned that PostgreSQL lacks after a restore. */
  readonly letterTopic: LetterTopic;
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  readonly random: () => number;
  /** Called when the server takes no writes: the connections may be to an old primary. */
  readonly onReadOnly?: () => void;
  /** Receives a defect of the code, `config_invalid` or `topic_recreated`. The process must end. */
  readonly onDefect: (error: unknown) => void;
}

export interface Processing {
  /** The generation of the topic that is processed; null until the tables and the topic exist. */
  readonly topicLog: () => TopicLog | null;
  /** Whether PostgreSQL and S3 answer, as far as the pipelines know. */
  readonly states: SeenStates["states"];
  /** When the first request began that failed, for each of them that does not work. */
  readonly troubles: SeenStates["troubles"];
  /** What an operator has to change in them. */
  readonly remedies: SeenStates["remedies"];
  /** The last error that blamed each of them. */
  readonly errors: SeenStates["errors"];
  /** Notes how Kafka answered a request about the topic; null when all is well. */
  readonly noteKafka: (error: PipelineError | null) => void;
  /** Takes each look at the topic, which may be another one by now. */
  readonly noteTopic: (topic: Topic) => void;
  /** Whether the pipeline of the rows has joined its group: from then on records become rows. */
  readonly isJoined: () => boolean;
  /** Partitions that the groups have given to this processor, by sink. */
  readonly held: () => HeldPartitions;
  /** Stops both pipelines: the rows first, so that the last objects of the archive can follow. */
  stop(deadlineMs: number): Promise<void>;
}

// Time for reconnecting and the network, added to that of a statement: it waits for a lock and then
// runs, each within its own timeout.
const ANSWER_MS = 3000;
// An operator waits this long until a `resume` takes effect. The query reads a few rows per sink.
const LOOK_MS = 2000; // chosen
// How often the store is asked for one key. With the time that it may be silent, an outage shows
// within ten seconds of its first request without an answer.
const STORE_LOOK_MS = 4000; // chosen
// How long a stop waits for a start that is still in progress.
const BRING_UP_END_MS_MAX = 1000;

type Pipelines = { postgres?: Pipeline; archive?: Pipeline };

/** Starts to bring up the pipelines. Returns at once. */
export function startProcessing(options: ProcessingOptions): Processing {
  const stopping = new AbortController();
  const seen = createSeenStates(options.wallNow, options.storeAnswers);
  const pipelines: Pipelines = {};
  const logKafka = createKafkaLog(options.log);
  let processed: TopicLog | null = null;
  let generation: Generation | null = null;

  const wait = createWait(options, stopping.signal, seen);
  const onFailing = (sink: Sink["name"], failures: Failures): void => {
    seen.failing(sink, failures);
    if (failures.has("database_read_only")) options.onReadOnly?.();
  };
  const onOther = (error: PipelineError): void => {
    stopping.abort();
    haltPipelines(pipelines);
    options.onDefect(error);
  };
  const onDefect = exceptRecreated(options.onDefect);
  const isKnown = (remedy: string): boolean => Object.values(seen.remedies()).includes(remedy);
  const bringUp = async (): Promise<void> => {
    processed = await findLog(options, stopping.signal, wait);
    if (processed === null) return;
    generation = createGeneration({ topicLog: processed, topic: options.topic, onOther });
    const common = { ...options, onDefect, checkLog: generation.check };
    const archive = openArchive(options, processed);
    const rowsSink = openRows(options, processed, stopping.signal);
    pipelines.postgres = await startSink(common, processed.topicId, {
      sink: rowsSink,
      onWritten: ({ batch }) => archive?.rowsWritten(batch),
      onFailing: (failures) => onFailing("postgres", failures),
      onKafka: (error) => seen.kafka("postgres", error),
      isKnown,
    });
    if (archive === null || stopping.signal.aborted) return;
    pipelines.archive = await startSink(common, processed.topicId, {
      sink: archive,
      onWritten: ({ events, already }) => {
        if (events > 0 && !already) seen.answered("s3");
      },
      onFailing: (failures) => onFailing("archive", failures),
      onKafka: (error) => seen.kafka("archive", error),
      isKnown,
    });
  };
  const up = bringUp().catch(onDefect);
  watchStore(options.store, stopping.signal, wait).catch(options.onDefect);

  return {
    topicLog: () => processed,
    states: () => seen.states(),
    troubles: () => seen.troubles(),
    remedies: () => seen.remedies(),
    errors: () => seen.errors(),
    noteKafka: (error) => {
      seen.kafka("topic", error);
      // Until the log is found, the wait for it says what is wrong.
      if (processed !== null) logKafka(error);
    },
    noteTopic: (topic) => generation?.note(topic),
    isJoined: () => pipelines.postgres?.hasJoined() ?? false,
    held: () => heldOf(pipelines),
    async stop(deadlineMs) {
      stopping.abort();
      const endMs = performance.now() + deadlineMs;
      await withinTime(up, BRING_UP_END_MS_MAX);
      await stopPipelines(pipelines, endMs);
    },
  };
}

function heldOf({ postgres, archive }: Pipelines): HeldPartitions {
  return { postgres: postgres?.held() ?? [], archive: archive?.held() ?? [] };
}

function haltPipelines({ postgres, archive }: Pipelines): void {
  postgres?.halt();
  archive?.halt();
}

async function stopPipelines({ postgres, archive }: Pipelines, endMs: number): Promise<void> {
  const leftMs = () => Math.max(1, endMs - performance.now());
  await postgres?.stop(leftMs() / 2);
  await archive?.stop(leftMs());
}

/** Asks the store from time to time: its state is known also while nothing is archived. */
async function watchStore(
  store: ObjectStore | null,
  signal: AbortSignal,
  wait: Wait,
): Promise<void> {
  while (store !== null && !signal.aborted) {
    await wait(() => store.reach(signal), "s3");
    await sleep(STORE_LOOK_MS, signal);
  }
}

/** Logs what Kafka refuses, once until it has answered again. */
function createKafkaLog(log: Log): (error: PipelineError | null) => void {
  let logged: string | null = null;
  return (error) => {
    const remedy = error !== null && needsOperator(error) ? error.remedy : null;
    if (remedy !== null && remedy !== logged) {
      log.error({ remedy, error }, "Kafka refused: an operator must act.");
    }
    if (error === null || remedy !== null) logged = remedy;
  };
}

/** Waits until the tables and the topic exist. Resolves with null when it was stopped first. */
async function findLog(
  { config, sql, topic }: ProcessingOptions,
  signal: AbortSignal,
  wait: Wait,
): Promise<TopicLog | null> {
  // In parallel, so that every missing dependency is logged.
  await Promise.all([
    wait(() => prepareTables(sql, config.database.schema), "postgres"),
    wait(() => topic.describe(), "kafka"),
  ]);
  if (signal.aborted) return null;
  return await wait(async () => {
    // Read again: the topic may have been recreated while the database was down.
    const { topicId } = await topic.describe();
    return await registerLog(sql, config.kafka.topic, topicId);
  }, "postgres");
}

function openRows(options: ProcessingOptions, topicLog: TopicLog, stopping: AbortSignal): Sink {
  const { config, sql, letterTopic, wallNow, monotonicNow } = options;
  const { batchRecordsMax, batchBytesMax, batchAgeMs } = config.processor;
  const limits = {
    recordsMax: batchRecordsMax,
    bytesMax: batchBytesMax,
    ageMsMax: batchAgeMs,
    hourly: false,
  };
  const answerMsMax = 2 * config.database.statementTimeoutMs + ANSWER_MS;
  const learnedLetters: LearnedLetters = {
    learn: () => letterTopic.learn(topicLog, stopping),
    reject: (partition, offsets) => letterTopic.reject(topicLog, partition, offsets),
  };
  const clocks = { wallNow, monotonicNow };
  return postgresSink({ sql, topicLog, limits, answerMsMax, learnedLetters, ...clocks });
}

function openArchive(
  { config, sql, store }: ProcessingOptions,
  topicLog: TopicLog,
): ArchiveSink | null {
  return store === null ? null : archiveSink({ sql, topicLog, config, objectStore: store });
}

function startSink(
  options: ProcessingOptions & Pick<PipelineOptions, "checkLog">,
  topicId: string,
  own: Pick<PipelineOptions, "sink" | "onWritten" | "onFailing" | "onKafka" | "isKnown">,
): Promise<Pipeline> {
  const { config, sql, log, metrics, wallNow, monotonicNow, random, onDefect, checkLog } = options;
  const { sink, onWritten } = own;
  return startPipeline({
    ...own,
    topicId,
    checkLog,
    connect: (events) => connectSinkConsumer(config, sink.name, events),
    config: config.processor,
    log,
    metrics,
    now: monotonicNow,
    wallNow,
    random,
    lookMs: LOOK_MS,
    explain: (error) => explainRefusal(sql, error),
    onWritten: (written) => {
      countWritten(metrics, sink.name, written);
      onWritten(written);
    },
    onDefect,
  });
}
