/**
 * Learns dead letters that a database restored from an older dump lacks, from their copies
 * on the DLQ topic. Their offsets are read again and stay dead letters (known_letters.ts):
 * the archive has no line for them. `letter_topics` holds how far the database knows the
 * topic. Usually that is its end, and then nothing is read.
 */
import {
  backoffMs,
  errorCode,
  PipelineError,
  sleep,
  type Config,
  type Log,
  type MonotonicClock,
} from "@tally/shared";
import type { Admin, Delivery, Watermarks } from "@tally/shared/kafka";
import type { Database } from "@tally/shared/database";
import type { TopicLog } from "../pipeline/positions.ts";
import type { CopyRange, CopyReader } from "./copy_reader.ts";
import { forgetLetters, insertLetters, moveKnown, readKnown } from "./learned_letters.ts";
import { readCopy, type LetterCopy } from "./letter_copy.ts";

/** What the topic is read with, and where its letters go. */
export interface LetterTopicOptions {
  readonly sql: Database;
  readonly config: Pick<Config<"processor">, "kafka" | "processor">;
  readonly admin: Pick<Admin, "describeTopic" | "watermarks">;
  readonly read: CopyReader;
  readonly log: Log;
  readonly now: MonotonicClock;
  /** 0 to less than 1, for the jitter of pauses. */
  readonly random: () => number;
}

/** The DLQ topic as a source of dead letters. */
export interface LetterTopic {
  /**
   * Learns what the database does not know; call it before records are judged. While Kafka does
   * not give the topic it retries for `WAIT_MS_MAX`, then logs that and resolves: rows must not
   * wait for dead letters for ever.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  learn(topicLog: TopicLog, signal: AbortSignal): Promise<void>;
  /** Notes copies that were published, each of a letter in the table. Call it now and then. */
  notePublished(deliveries: readonly Delivery[]): Promise<void>;
  /** Forgets learned letters at offsets whose records are not those that were set aside. */
  reject(topicLog: TopicLog, partition: number, offsets: readonly bigint[]): Promise<void>;
}

/** How long rows may wait for the DLQ topic, ms, counted from the last thing that it gave. */
const WAIT_MS_MAX = 30_000; // chosen
/** Pause between two attempts. */
const BACKOFF = { msMin: 200, msMax: 5000 }; // chosen
/** Longest wait for an answer of Kafka about the topic. */
const REQUEST_MS_MAX = 4000; // chosen
/** Time between two log lines about the progress. */
const PROGRESS_INTERVAL_MS = 5000; // chosen

/** Makes it; nothing is read before `learn()`. */
export function createLetterTopic(options: LetterTopicOptions): LetterTopic {
  return new Topic(options);
}

class Topic implements LetterTopic {
  readonly #options: LetterTopicOptions;
  #flight: Promise<void> | null = null;
  /** Kafka's id of the DLQ topic; null until it was found. */
  #topicId: string | null = null;
  /** How far the database knew the topic when last seen, by partition. */
  #known = new Map<number, bigint>();
  /** Whether the database knows the whole topic: from then on, what is published comes from it. */
  #isLearned = false;
  /** After it was given up, rows do not wait again until the topic has answered. */
  #isGivenUp = false;

  constructor(options: LetterTopicOptions) {
    this.#options = options;
  }

  learn(topicLog: TopicLog, signal: AbortSignal): Promise<void> {
    // The partitions of a processor are opened together: one look serves all of them.
    this.#flight ??= this.#learn(topicLog, signal).finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  async notePublished(deliveries: readonly Delivery[]): Promise<void> {
    // Copies before these may not be known yet: `learn` reads them, and these again.
    if (!(await this.#isStillLearned())) return;
    const nextOffsets = new Map<number, bigint>();
    for (const { partition, offset } of deliveries) {
      if (offset >= (nextOffsets.get(partition) ?? 0n)) nextOffsets.set(partition, offset + 1n);
    }
    await this.#noteKnown(nextOffsets);
  }

  async reject(topicLog: TopicLog, partition: number, offsets: readonly bigint[]): Promise<void> {
    const { sql, log, config } = this.#options;
    const letters = await forgetLetters(sql, { topicLog, partition, offsets });
    log.warn(
      { topic: config.kafka.dlqTopic, partition, letters, firstOffset: offsets[0] },
      "Copies on the DLQ topic name other records than the log has; these records are judged.",
    );
  }

  async #learn(topicLog: TopicLog, signal: AbortSignal): Promise<void> {
    const { log, now, random, config } = this.#options;
    if (await this.#isStillLearned()) return;
    const progress = this.#startProgress();
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#learnOnce(topicLog, { signal, progress });
        this.#isGivenUp = false;
        return;
      } catch (error) {
        if (signal.aborted) return;
        const code = errorCode(error);
        if (code === null || !code.startsWith("broker_")) throw error;
        const isRefused = code === "broker_misconfigured";
        if (isRefused || this.#isGivenUp || now() - progress.movedAtMs > WAIT_MS_MAX) {
          const { remedy } = error as PipelineError;
          const fields = { topic: config.kafka.dlqTopic, code, remedy, error };
          if (!this.#isGivenUp) log.error(fields, GIVEN_UP);
          this.#isGivenUp = true;
          return;
        }
        await sleep(backoffMs(failures, BACKOFF, random()), signal);
      }
    }
  }

  async #learnOnce(topicLog: TopicLog, { signal, progress }: Attempt): Promise<void> {
    const { sql, config, log, read } = this.#options;
    const topic = config.kafka.dlqTopic;
    const found = await this.#look(topic);
    this.#topicId = found?.topicId ?? null;
    if (found === null) return;
    const known = await readKnown(sql, found.topicId);
    this.#known = new Map(known);
    const ranges = unknownRanges(known, found.watermarks);
    progress.wanted = progress.read + ranges.reduce((sum, { from, end }) => sum + end - from, 0n);
    if (ranges.length > 0) {
      const source = await this.#look(config.kafka.topic);
      const ends = source?.topicId === topicLog.topicId ? source.watermarks : NO_WATERMARKS;
      for await (const { records, nextOffsets } of read(ranges, signal)) {
        const copies = records.map(readCopy);
        const wanted = copies.filter((copy) => copy !== null).filter(isFromLog(topicLog, ends));
        progress.learned += await insertLetters(sql, topicLog, wanted);
        progress.skipped += copies.filter((copy) => copy === null).length;
        await this.#noteKnown(nextOffsets);
        progress.note(BigInt(records.length));
      }
      if (signal.aborted) return;
    }
    await this.#noteKnown(newPartitions(known, found.watermarks));
    if (progress.read > 0n) {
      const { learned, skipped, read: copies } = progress;
      log.info({ topic, copies, learned, skipped }, "Copies of dead letters were read.");
    }
    const leaderless = found.partitions - found.watermarks.size;
    if (leaderless > 0) throw leaderlessError(topic, leaderless);
    this.#isLearned = true;
  }

  /** The topic with the ends of its partitions that have a leader; null when there is none. */
  async #look(topic: string) {
    const { admin } = this.#options;
    const found = await admin.describeTopic(topic, REQUEST_MS_MAX);
    if (found === null) return null;
    const numbers = Array.from({ length: found.partitions }, (_, partition) => partition);
    return { ...found, watermarks: await admin.watermarks(topic, numbers, REQUEST_MS_MAX) };
  }

  /** Whether the database knows the topic as before. It does not when it went back. */
  async #isStillLearned(): Promise<boolean> {
    if (!this.#isLearned || this.#topicId === null) return false;
    const known = await readKnown(this.#options.sql, this.#topicId);
    this.#isLearned = [...this.#known].every(([each, next]) => (known.get(each) ?? -1n) >= next);
    if (this.#isLearned) this.#known = new Map(known);
    return this.#isLearned;
  }

  async #noteKnown(nextOffsets: ReadonlyMap<number, bigint>): Promise<void> {
    const topicId = this.#topicId;
    if (topicId === null || nextOffsets.size === 0) return;
    const moved = await moveKnown(this.#options.sql, topicId, nextOffsets);
    for (const [partition, next] of moved) this.#known.set(partition, next);
  }

  #startProgress(): Progress {
    const { now, log, config } = this.#options;
    const topic = config.kafka.dlqTopic;
    let loggedAtMs = now();
    const progress: Progress = {
      read: 0n,
      wanted: 0n,
      learned: 0,
      skipped: 0,
      movedAtMs: now(),
      note(copies) {
        progress.read += copies;
        progress.movedAtMs = now();
        if (now() - loggedAtMs < PROGRESS_INTERVAL_MS) return;
        loggedAtMs = now();
        const { read, wanted, learned } = progress;
        log.info({ topic, read, wanted, learned }, "Copies of dead letters are being read.");
      },
    };
    return progress;
  }
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** What all attempts of one `learn` have read. */
interface Progress {
  read: bigint;
  wanted: bigint;
  learned: number;
  /** Records of others, and damaged ones. */
  skipped: number;
  movedAtMs: number;
  note(copies: bigint): void;
}

const GIVEN_UP =
  "Dead letters could not be read from the DLQ topic; after a restore from an older dump, records that were dead letters may be judged again.";

const NO_WATERMARKS: ReadonlyMap<number, Watermarks> = new Map();

/** The ranges of the topic that the database does not know. Pure. */
export function unknownRanges(
  known: ReadonlyMap<number, bigint>,
  watermarks: ReadonlyMap<number, Watermarks>,
): CopyRange[] {
  return [...watermarks].flatMap(([partition, { low, high }]) => {
    const next = known.get(partition) ?? 0n;
    const from = next > low ? next : low;
    return from < high ? [{ partition, from, end: high }] : [];
  });
}

/** Where empty partitions end of which the database does not know it yet. Pure. */
function newPartitions(
  known: ReadonlyMap<number, bigint>,
  watermarks: ReadonlyMap<number, Watermarks>,
): Map<number, bigint> {
  const empty = [...watermarks].filter(
    ([partition, { low, high }]) => low === high && (known.get(partition) ?? -1n) < high,
  );
  return new Map(empty.map(([partition, { high }]) => [partition, high]));
}

/**
 * Chooses the copies whose records this log holds. A copy that does not name the log's id is
 * chosen, too: the time of its record decides when that record is read again.
 */
function isFromLog(
  { topic, topicId }: TopicLog,
  ends: ReadonlyMap<number, Watermarks>,
): (copy: LetterCopy) => boolean {
  return (copy) =>
    copy.topic === topic &&
    (copy.topicId ?? topicId) === topicId &&
    copy.offset < (ends.get(copy.partition)?.high ?? copy.offset + 1n);
}

function leaderlessError(topic: string, partitions: number): PipelineError {
  const what = `${partitions} of its partitions have no leader`;
  return new PipelineError("broker_unavailable", `Cannot read "${topic}": ${what}`);
}
