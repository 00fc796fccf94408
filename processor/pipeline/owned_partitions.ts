/**
 * The partitions that one pipeline owns: answers the group when partitions are
 * assigned or revoked, gives each record to its partition, and follows what
 * operators change. What happens to a single partition is in owned_partition.ts.
 */
import { errorCode, needsOperator, withinTime, type PipelineError } from "@tally/shared";
import type { AssignmentEvents, ConsumedRecord, Consumer, Marks } from "@tally/shared/kafka";
import { OwnedPartition, type OwnedPartitionOptions } from "./owned_partition.ts";
import type { PartitionBuffer } from "./partition_buffer.ts";
import type { Standing } from "./sink.ts";

export interface OwnedPartitionsOptions extends Omit<OwnedPartitionOptions, "onStopChanged"> {
  /** Receives an error of the consumer, and null when Kafka has answered it well. */
  readonly onKafka: (error: PipelineError | null) => void;
}

// Partitions assigned together start together within this time. One that takes longer (its leader
// is down, for example) delays no other and starts when it can.
const START_TOGETHER_MS_MAX = 2000;
// A write that is under way when its partition is revoked may finish within this time.
const REVOKE_MS_MAX = 5000;
// How long a writer may take to notice that its buffer has ended.
const END_MS_MAX = 1000;
const END_SHARE_MAX = 0.2;
const NOTHING_SEEN: ReadonlyMap<number, Standing> = new Map();

/** Owns partitions on behalf of one pipeline. */
export class OwnedPartitions implements AssignmentEvents {
  readonly #options: OwnedPartitionsOptions;
  /** Every partition that was ever assigned; bounded by the partitions of the topic. */
  readonly #partitions = new Map<number, OwnedPartition>();
  /** Whether the group has answered: with partitions for this member, or with none. */
  hasJoined = false;

  constructor(options: OwnedPartitionsOptions) {
    this.#options = options;
  }

  /** The buffers of all partitions that have one, including stopped partitions. */
  *buffers(): Iterable<PartitionBuffer> {
    for (const { buffer } of this.#partitions.values()) if (buffer !== null) yield buffer;
  }

  /** Partitions that the group has given to this pipeline, ascending. */
  get held(): number[] {
    const owned = [...this.#partitions.values()].filter(({ state }) => state !== "released");
    return owned.map(({ number }) => number).sort((a, b) => a - b);
  }

  /** Partitions that wait for an operator, with the reason. */
  get stopped(): ReadonlyMap<number, string> {
    const stopped = new Map<number, string>();
    for (const { number, stopReason } of this.#partitions.values())
      if (stopReason !== null) stopped.set(number, stopReason);
    return stopped;
  }

  /**
   * Answers where newly assigned partitions begin. The answer leaves out a partition whose
   * position or log can't be read in time: it begins with a seek, as soon as it can.
   */
  async onAssign(partitions: number[]): Promise<ReadonlyMap<number, bigint>> {
    const { sink, metrics, log, onDefect, onKafka } = this.#options;
    onKafka(null);
    metrics.processor_rebalances_total.inc({ sink: sink.name });
    const starts = new Map<number, bigint>();
    let isAnswered = false;
    const handOver = (partition: number, offset: bigint): boolean => {
      if (!isAnswered) starts.set(partition, offset);
      return !isAnswered;
    };
    const open = async (partition: number): Promise<void> => {
      await this.#partition(partition).open(handOver);
      this.hasJoined = true;
    };
    const opened = Promise.all(partitions.map(open)).catch(onDefect);
    await withinTime(opened, START_TOGETHER_MS_MAX);
    isAnswered = true;
    if (partitions.length === 0) this.hasJoined = true;
    log.info({ sink: sink.name, partitions }, "Partitions assigned.");
    return starts;
  }

  /** Gives partitions back. A write that is under way may finish before that. */
  async onRevoke(partitions: number[], lost: boolean): Promise<void> {
    const { sink, metrics, log } = this.#options;
    metrics.processor_rebalances_total.inc({ sink: sink.name });
    const released = partitions.map((partition) => this.#partition(partition).release());
    await withinTime(Promise.all(released), REVOKE_MS_MAX);
    log.info({ sink: sink.name, partitions, lost }, "Partitions revoked.");
  }

  /** The log no longer holds, or never held, the offset to fetch: the position decides again. */
  onOffsetOutOfRange(partition: number): void {
    this.#partition(partition).reopenDrained();
  }

  /** The client had stopped fetching although there were records; it fetches again (P10). */
  onStalled(partition: number): void {
    const { sink, metrics, log } = this.#options;
    metrics.processor_stalls_total.inc({ sink: sink.name });
    const fields = { sink: sink.name, partition };
    log.warn(fields, "No records arrived although the log has some; fetching again.");
  }

  onError(error: PipelineError): void {
    const { sink, log, onKafka } = this.#options;
    const { code, remedy } = error;
    onKafka(error);
    if (!needsOperator(error)) {
      log.warn({ sink: sink.name, code, error }, "Kafka answered with an error.");
      return;
    }
    log.error({ sink: sink.name, code, remedy, error }, "Kafka refused: an operator must act.");
  }

  /** Gives records to their partitions, and then the ends of the logs. */
  receive(records: readonly ConsumedRecord[], { ends, jumps }: Marks): void {
    if (records.length > 0) this.#options.onKafka(null);
    for (const record of records) {
      this.#partitions.get(record.partition)?.receive(record, jumps.get(record.partition));
    }
    for (const [partition, end] of ends) {
      this.#partitions.get(partition)?.reachEnd(end, jumps.get(partition));
    }
  }

  /** Begins the seeks that are due, without waiting: a slow one must not delay the others. */
  seek(consumer: Pick<Consumer, "seek">): void {
    for (const partition of this.#partitions.values()) partition.seek(consumer);
  }

  /**
   * Opens partitions again that an operator has rewound or resumed. Where records arrive, the next
   * write would notice a rewind as well.
   */
  async look(): Promise<void> {
    const { sink } = this.#options;
    const glances = [...this.#partitions.values()].map((owned) => [owned, owned.glance()] as const);
    // Ignore an outage here: writes retry, and the next look comes soon.
    const standings = await sink.look().catch((error: unknown) => {
      if (errorCode(error) === "internal") throw error;
      return NOTHING_SEEN;
    });
    for (const [owned, glance] of glances) {
      const standing = standings.get(owned.number);
      if (glance !== null && standing !== undefined) owned.follow(glance, standing);
    }
  }

  /** Writes what is buffered, then ends every writer: all of it within the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    const partitions = [...this.#partitions.values()];
    const endMs = Math.min(END_MS_MAX, deadlineMs * END_SHARE_MAX);
    for (const partition of partitions) partition.drain();
    await withinTime(allWritten(partitions), deadlineMs - endMs);
    for (const { buffer } of partitions) buffer?.end();
    await withinTime(allWritten(partitions), endMs);
  }

  #partition(number: number): OwnedPartition {
    const known = this.#partitions.get(number);
    if (known !== undefined) return known;
    const onStopChanged = (): void => this.#countStopped();
    const made = new OwnedPartition(number, { ...this.#options, onStopChanged });
    this.#partitions.set(number, made);
    return made;
  }

  #countStopped(): void {
    const { sink, metrics } = this.#options;
    metrics.processor_partitions_stopped.set({ sink: sink.name }, this.stopped.size);
  }
}

function allWritten(partitions: readonly OwnedPartition[]): Promise<void[]> {
  return Promise.all(partitions.map(({ writing }) => writing));
}
