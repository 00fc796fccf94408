/**
 * Reads stated ranges of the DLQ topic, once. The reader is alone in a consumer group of
 * its own, which ends with it, so that each processor reads for itself.
 */
import { PipelineError, type Config, type MonotonicClock } from "@tally/shared";
import {
  connectConsumer,
  kafkaConnection,
  type ConsumedRecord,
  type Consumer,
  type Marks,
} from "@tally/shared/kafka";
import { CLIENT_ID } from "../pipeline/topic.ts";

/** Offsets of one partition of the DLQ topic, the end excluded. */
export interface CopyRange {
  readonly partition: number;
  readonly from: bigint;
  readonly end: bigint;
}

/** What one step has read. */
export interface CopyStep {
  readonly records: readonly ConsumedRecord[];
  /** The next offset to read of each partition that moved on. */
  readonly nextOffsets: ReadonlyMap<number, bigint>;
}

/**
 * Reads the ranges to their ends, or until aborted.
 *
 * @throws {PipelineError} `broker_unavailable` when nothing came for `STALL_MS_MAX`;
 * `broker_misconfigured` when Kafka refuses.
 */
export type CopyReader = (
  ranges: readonly CopyRange[],
  signal: AbortSignal,
) => AsyncGenerator<CopyStep, void>;

/** Longer than joining a group takes, for which brokers wait 3 s by default. */
const STALL_MS_MAX = 15_000; // chosen
/** Most records of one step, whose letters one statement inserts. */
const STEP_RECORDS_MAX = 1000; // chosen
const DISCONNECT_MS_MAX = 2000; // chosen
// Copies are up to 1 MB large, and nothing else reads them: small buffers will do. All chosen.
const FETCH = {
  fetch: { waitMs: 10, bytesMin: 1 },
  queuedRecordsMax: 2000,
  queuedBytesMax: 8 * 1024 * 1024,
  consumeTimeoutMs: 50,
} as const;

/** What readers of copies are made from. */
export interface CopyReaderOptions {
  readonly config: Pick<Config<"processor">, "kafka" | "processor">;
  readonly now: MonotonicClock;
  /** An id that no other group has. */
  readonly newId: () => string;
}

/** Makes the reader of the configured topic. */
export function copyReader({ config, now, newId }: CopyReaderOptions): CopyReader {
  return async function* read(ranges, signal) {
    const reading = new Reading(ranges);
    const consumer = await connect(config, newId(), reading);
    try {
      let movedAtMs = now();
      while (!reading.isDone && !signal.aborted) {
        const records = await consumer.consume(STEP_RECORDS_MAX);
        const step = reading.take(records, consumer.takeMarks());
        if (reading.refusal !== null) throw reading.refusal;
        if (step.nextOffsets.size > 0) {
          yield step;
          movedAtMs = now();
        } else if (now() - movedAtMs > STALL_MS_MAX) throw reading.stallError;
      }
    } finally {
      await consumer.disconnect(DISCONNECT_MS_MAX);
    }
  };
}

function connect(
  { kafka, processor }: CopyReaderOptions["config"],
  id: string,
  reading: Reading,
): Promise<Consumer> {
  return connectConsumer(kafkaConnection({ kafka }, CLIENT_ID), {
    ...FETCH,
    topic: kafka.dlqTopic,
    groupId: `${processor.groupPrefix}-letters-${id}`,
    groupProtocol: processor.groupProtocol,
    sessionTimeoutMs: processor.sessionTimeoutMs,
    onAssign: async (partitions) => reading.startOffsets(partitions),
    onRevoke: async () => undefined,
    // The retention has reached the range since it was looked up: the next attempt looks again.
    onOffsetOutOfRange: (partition) => reading.fail(outOfRangeError(kafka.dlqTopic, partition)),
    onStalled: () => undefined,
    onError: (error) => reading.note(error),
  });
}

function outOfRangeError(topic: string, partition: number): PipelineError {
  const what = `Kafka has deleted records of partition ${partition} meanwhile`;
  return new PipelineError("broker_unavailable", `Cannot read "${topic}": ${what}`);
}

/** How far the ranges are read. A range ends when its last offset was read or passed. */
class Reading {
  /** Ranges that are not read to their end, by partition. */
  readonly #left: Map<number, CopyRange>;
  #lastError: PipelineError | null = null;
  /** An error that reading on would not end, or null. */
  refusal: PipelineError | null = null;

  constructor(ranges: readonly CopyRange[]) {
    this.#left = new Map(ranges.map((range) => [range.partition, range]));
  }

  get isDone(): boolean {
    return this.#left.size === 0;
  }

  /** The error of a reader to which nothing comes. */
  get stallError(): PipelineError {
    const message = `Cannot read dead letters: nothing came for ${STALL_MS_MAX / 1000} s`;
    return this.#lastError ?? new PipelineError("broker_unavailable", message);
  }

  startOffsets(partitions: readonly number[]): ReadonlyMap<number, bigint> {
    return new Map(
      partitions.flatMap((partition) => {
        const range = this.#left.get(partition);
        return range === undefined ? [] : [[partition, range.from] as const];
      }),
    );
  }

  fail(error: PipelineError): void {
    this.refusal ??= error;
  }

  /** The client repeats what may succeed later; what Kafka refuses stays refused. */
  note(error: PipelineError): void {
    this.#lastError = error;
    if (error.code === "broker_misconfigured") this.fail(error);
  }

  take(records: readonly ConsumedRecord[], { ends }: Pick<Marks, "ends">): CopyStep {
    const wanted = records.filter(({ partition, offset }) => {
      const range = this.#left.get(partition);
      return range !== undefined && offset < range.end;
    });
    const nextOffsets = new Map<number, bigint>();
    for (const { partition, offset } of records) this.#move(nextOffsets, partition, offset + 1n);
    // A marker at the end of the log is no record: only the end says that it was passed.
    for (const [partition, end] of ends) this.#move(nextOffsets, partition, end);
    return { records: wanted, nextOffsets };
  }

  #move(nextOffsets: Map<number, bigint>, partition: number, next: bigint): void {
    const range = this.#left.get(partition);
    if (range === undefined || next <= range.from) return;
    const from = next < range.end ? next : range.end;
    nextOffsets.set(partition, from);
    if (from === range.end) this.#left.delete(partition);
    else this.#left.set(partition, { ...range, from });
  }
}
