/**
 * The partitions that a pipeline owns: opened at their position when they are
 * assigned, opened again when somebody else wrote, stopped when the log is not
 * the one that was written from, given back when they are revoked.
 */
import { errorCode, type Config, type Log, type Metrics } from "@tally/shared";
import type { Consumer } from "@tally/shared/kafka";
import { Partition } from "./partition.ts";
import { pause } from "./retry.ts";
import type { Sink, Standing } from "./sink.ts";
import { decideStart } from "./start_position.ts";

/** What the consumer asks and tells its pipeline. */
export interface ConsumerHandlers {
  readonly onAssign: (partitions: number[]) => Promise<ReadonlyMap<number, bigint>>;
  readonly onRevoke: (partitions: number[], lost: boolean) => Promise<void>;
  readonly onOffsetOutOfRange: (partition: number) => void;
  readonly onStalled: (partition: number) => void;
}

export interface OwnedPartitionsOptions {
  readonly sink: Sink;
  readonly config: Config<"processor">["processor"];
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  readonly now: () => number;
  /** Aborted when the pipeline stops: nothing is opened any more. */
  readonly stopping: AbortSignal;
  /** Resolves when the consumer is there; its handlers may be called before. */
  readonly consumer: Promise<Consumer>;
  /** Repeats while the world is at fault; null when the signal ended it. */
  readonly retry: <T>(run: () => Promise<T>, signal: AbortSignal) => Promise<T | null>;
  /** Writes what a partition gives out until it ends. */
  readonly write: (partition: Partition) => Promise<void>;
  readonly onDefect: (error: unknown) => void;
}

const WATERMARKS_TIMEOUT_MS = 5000;
// Partitions assigned together start together within this time; one that takes longer (its leader
// is away, say) holds up nobody and starts when it can.
const START_TOGETHER_MS_MAX = 2000;
// A write in flight when its partition is revoked may finish within this time.
const REVOKE_MS_MAX = 5000;
// What a writer gets to notice that its partition has ended.
const END_MS_MAX = 1000;
const END_SHARE_MAX = 0.2;
const NOTHING_SEEN: ReadonlyMap<number, Standing> = new Map();

/** Owns partitions on behalf of one pipeline. */
export class OwnedPartitions implements ConsumerHandlers {
  readonly #options: OwnedPartitionsOptions;
  readonly #partitions = new Map<number, Partition>();
  readonly #writing = new Map<Partition, Promise<void>>();
  /** Given up when the partition is revoked, or opened anew, before it is open. */
  readonly #openings = new Map<number, AbortController>();
  /** Partitions that wait for an operator, with the reason. */
  readonly stopped = new Map<number, string>();
  /** Whether the group has given out partitions, or none, to this member. */
  hasJoined = false;
  /** Where to fetch next; while a partition stands here, its records are stale. */
  readonly seeks = new Map<number, bigint>();
  /** Partitions whose seek is under way. */
  readonly seeking = new Set<number>();
  /** Partitions whose stop is written down, so that its absence means that an operator decided. */
  readonly #noted = new Set<number>();

  constructor(options: OwnedPartitionsOptions) {
    this.#options = options;
  }

  get(partition: number): Partition | undefined {
    return this.#partitions.get(partition);
  }

  values(): Iterable<Partition> {
    return this.#partitions.values();
  }

  /**
   * Answers where newly assigned partitions begin. One whose position or log can't be read in time
   * is left out, and begins by a seek when it can.
   */
  onAssign = async (partitions: number[]): Promise<ReadonlyMap<number, bigint>> => {
    const { sink, metrics, log, onDefect } = this.#options;
    metrics.processor_rebalances_total.inc({ sink: sink.name });
    const starts = new Map<number, bigint>();
    let isAnswered = false;
    const takeOver = async (partition: number): Promise<void> => {
      const fetchFrom = await this.#takeOver(partition);
      if (fetchFrom !== null) (isAnswered ? this.seeks : starts).set(partition, fetchFrom);
      this.hasJoined = true;
    };
    const all = Promise.all(partitions.map(takeOver)).catch(onDefect);
    await Promise.race([all, pause(START_TOGETHER_MS_MAX)]);
    isAnswered = true;
    if (partitions.length === 0) this.hasJoined = true;
    log.info({ sink: sink.name, partitions }, "Partitions assigned.");
    return starts;
  };

  /**
   * Gives partitions back; a write in flight may finish first, what is buffered is re-read by the
   * next owner.
   */
  onRevoke = async (partitions: number[], lost: boolean): Promise<void> => {
    const { sink, metrics, log } = this.#options;
    metrics.processor_rebalances_total.inc({ sink: sink.name });
    const released = partitions.map((partition) => this.#release(partition));
    await Promise.race([Promise.all(released), pause(REVOKE_MS_MAX)]);
    log.info({ sink: sink.name, partitions, lost }, "Partitions revoked.");
  };

  /** The log no longer holds, or never held, what was to be fetched: the position decides anew. */
  onOffsetOutOfRange = (partition: number): void => this.#reopen(partition);

  /** The client had stopped fetching although there were records; it fetches again (P10). */
  onStalled = (partition: number): void => {
    const { sink, metrics, log } = this.#options;
    metrics.processor_stalls_total.inc({ sink: sink.name });
    log.warn({ sink: sink.name, partition }, "Partition stood still: it is fetched again.");
  };

  /** Gives out what the partitions hold, then ends them: all of it within the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    const partitions = [...this.#partitions.values()];
    const endMs = Math.min(END_MS_MAX, deadlineMs * END_SHARE_MAX);
    for (const partition of partitions) partition.drain();
    await Promise.race([Promise.all(this.#writing.values()), pause(deadlineMs - endMs)]);
    for (const partition of partitions) partition.end();
    await Promise.race([Promise.all(this.#writing.values()), pause(endMs)]);
  }

  /** Ends a partition for an operator to decide, and writes down why. */
  async stop(partition: Partition, reason: string): Promise<void> {
    const { sink, retry, stopping } = this.#options;
    const { partition: number } = partition;
    this.#end(partition, reason);
    const isOwned = () => this.#partitions.get(number) === partition;
    // The next owner finds the reason by itself, and an operator may have let that one go on.
    const note = async () => {
      if (isOwned()) await sink.stop(number, reason);
    };
    await retry(note, stopping);
    if (isOwned()) this.#noted.add(number);
  }

  #end(partition: Partition, reason: string): void {
    const { sink, metrics, log } = this.#options;
    partition.end();
    this.stopped.set(partition.partition, reason);
    metrics.processor_partitions_stopped.set({ sink: sink.name }, this.stopped.size);
    log.error(
      { sink: sink.name, partition: partition.partition, reason },
      "Partition stopped: an operator must decide.",
    );
  }

  /**
   * Opens partitions again that an operator has rewound or let go on. Where records come, the next
   * write would find a rewind by itself.
   */
  async look(): Promise<void> {
    const { sink, log } = this.#options;
    const known = [...this.#partitions].map(([number, partition]) => ({
      number,
      partition,
      // Read before the table: a position only grows but by an operator.
      position: partition.position,
      isStopped: this.#noted.has(number),
    }));
    // An outage is the business of the writes, and the next look comes.
    const standings = await sink.look().catch((error: unknown) => {
      if (errorCode(error) === "internal") throw error;
      return NOTHING_SEEN;
    });
    for (const { number, partition, position, isStopped } of known) {
      const standing = standings.get(number);
      if (standing === undefined || this.#partitions.get(number) !== partition) continue;
      const isRewound = !this.stopped.has(number) && standing.nextOffset < position;
      const isResumed = isStopped && standing.stopped === null;
      if (!isRewound && !isResumed) continue;
      const { nextOffset } = standing;
      log.info({ sink: sink.name, partition: number, nextOffset }, "Partition changed by hand.");
      this.#forgetStop(number);
      this.#reopen(number);
    }
  }

  /**
   * Opens a partition and begins to write it; returns the offset to fetch from, null when it is
   * stopping or the partition was revoked meanwhile.
   */
  async #takeOver(number: number, paused = false): Promise<bigint | null> {
    const { sink, config, now, retry, stopping } = this.#options;
    const released = this.#release(number);
    const opening = new AbortController();
    this.#openings.set(number, opening);
    await released;
    const signal = AbortSignal.any([stopping, opening.signal]);
    const open = await retry(() => this.#open(number), signal);
    // An opening that was given up is not the owner's any more, however far it came.
    if (open === null || signal.aborted) return null;
    this.#openings.delete(number);
    const partition = new Partition({
      partition: number,
      opened: open.opened,
      start: open.start,
      limits: sink.limits,
      recordsMax: config.partitionRecordsMax,
      bytesMax: config.partitionBytesMax,
      now,
    });
    partition.paused = paused;
    this.#partitions.set(number, partition);
    if (open.start.stopped === null) this.#start(partition);
    else if (open.opened.stopped === null) await this.stop(partition, open.start.stopped);
    else {
      // It stands there already: written again, it could undo what an operator does just now.
      this.#end(partition, open.start.stopped);
      this.#noted.add(number);
    }
    // A stopped partition stays where it is, paused, until an operator decides.
    return open.start.stopped === null ? open.start.fetchFrom : null;
  }

  async #open(number: number) {
    const { sink } = this.#options;
    const consumer = await this.#options.consumer;
    const opened = await sink.open(number);
    const start = decideStart(opened, await consumer.watermarks(number, WATERMARKS_TIMEOUT_MS));
    if (start.isNew) await sink.begin(number, start.position);
    return { opened, start };
  }

  #start(partition: Partition): void {
    const writing = this.#options
      .write(partition)
      .catch((error: unknown) => this.#onWriteFailed(partition, error))
      .finally(() => this.#writing.delete(partition));
    this.#writing.set(partition, writing);
  }

  async #onWriteFailed(partition: Partition, error: unknown): Promise<void> {
    const { sink, metrics, log, onDefect } = this.#options;
    const code = errorCode(error);
    if (code === "position_moved") {
      metrics.processor_fence_hits_total.inc({ sink: sink.name });
      log.warn({ sink: sink.name, partition: partition.partition, error }, "Position found moved.");
      this.#reopen(partition.partition);
    } else if (code === "archive_conflict") {
      await this.stop(partition, `${code}: ${(error as Error).message}`);
    } else onDefect(error);
  }

  /** Reads the position again and fetches from there. */
  #reopen(number: number): void {
    const current = this.#partitions.get(number);
    if (current === undefined || this.#options.stopping.aborted) return;
    if (this.stopped.has(number)) return;
    current.end();
    void this.#takeOver(number, current.paused).then((fetchFrom) => {
      if (fetchFrom !== null && this.#partitions.has(number)) this.seeks.set(number, fetchFrom);
    }, this.#options.onDefect);
  }

  async #release(number: number): Promise<void> {
    this.#openings.get(number)?.abort();
    this.#openings.delete(number);
    const partition = this.#partitions.get(number);
    if (partition === undefined) return;
    this.#partitions.delete(number);
    this.seeks.delete(number);
    this.#forgetStop(number);
    partition.end();
    await this.#writing.get(partition);
  }

  #forgetStop(number: number): void {
    const { sink, metrics } = this.#options;
    this.#noted.delete(number);
    if (!this.stopped.delete(number)) return;
    metrics.processor_partitions_stopped.set({ sink: sink.name }, this.stopped.size);
  }
}
