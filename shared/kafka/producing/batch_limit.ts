/**
 * How large a batch of a producer may be. A topic takes batches up to its max.message.bytes, and
 * the client neither reads that nor splits a batch that was refused: this learns it from refusals.
 */
import type { MonotonicClock } from "../../clock.ts";
import { PipelineError } from "../../error.ts";
import { isTooLarge } from "../connection.ts";

/** A topic that takes no batch of this size takes hardly any event. */
const BATCH_BYTES_MIN = 4096; // chosen
/** Batches that were under way when the limit was lowered are refused within this time. */
const LOWERED_MS = 100; // chosen

/** Below Kafka's default a batch can be too large for the topic although its records are not. */
export const BATCH_REMEDY =
  "Raise max.message.bytes of the topic to 1048588, Kafka's default, or more: it takes less than a batch of events. Until then batches are made smaller, after a few that are refused at each start.";

export interface BatchLimitOptions {
  /** What a client begins with. */
  readonly bytesMax: number;
  readonly now: MonotonicClock;
  readonly onLowered: () => void;
}

/** The limit of one producer; it is only ever lowered. */
export class BatchLimit {
  readonly #options: BatchLimitOptions;
  #bytesMax: number;
  #loweredAtMs = -Infinity;

  constructor(options: BatchLimitOptions) {
    this.#options = options;
    this.#bytesMax = options.bytesMax;
  }

  get bytesMax(): number {
    return this.#bytesMax;
  }

  get isLowered(): boolean {
    return this.#bytesMax < this.#options.bytesMax;
  }

  /**
   * Judges why a broker refused a record. One that was alone in its batch is to blame itself.
   * Otherwise its batch may be, and the next ones get smaller.
   *
   * @param record.isLast No other record waits for its report.
   */
  judge(error: PipelineError, record: { bytes: number; isLast: boolean }): PipelineError {
    const limit = this.#bytesMax;
    if (!isTooLarge(error) || limit <= BATCH_BYTES_MIN) return error;
    const nowMs = this.#options.now();
    const isAfterOthers = nowMs - this.#loweredAtMs < LOWERED_MS;
    // No batch has two records of which one is as large as the limit.
    const isAlone = record.bytes >= limit || (record.isLast && !isAfterOthers);
    if (isAlone) return error;
    if (!isAfterOthers) {
      this.#loweredAtMs = nowMs;
      this.#bytesMax = Math.max(BATCH_BYTES_MIN, Math.floor(limit / 2));
      this.#options.onLowered();
    }
    const { cause, message } = error;
    return new PipelineError(
      "broker_misconfigured",
      `${message}: the batch, not the record of ${record.bytes} bytes; the next batches have at ` +
        `most ${this.#bytesMax} bytes`,
      { cause, remedy: BATCH_REMEDY },
    );
  }
}
