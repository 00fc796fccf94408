/**
 * Bounds the memory of a pipeline (P6): the consume loop waits while a sink is busy, and pauses the
 * partitions when the sink is down.
 */
import { withinTime, type MonotonicClock, type MonotonicMs } from "@tally/shared";
import type { Consumer } from "@tally/shared/kafka";
import type { PartitionBuffer } from "./partition_buffer.ts";

/** Balances the consume loop (fills buffers) and the writers (empty them). */
export interface Backpressure {
  /** Called by a writer that took a batch. */
  noteTaken(): void;
  /**
   * Waits up to `ROOM_MS_MAX` for a full partition to drain (not while stopping), then pauses the
   * partitions that have been full for `FULL_MS_MAX` and resumes those that have room again.
   *
   * @returns How many records to take next.
   */
  regulate(consumer: Pick<Consumer, "pause" | "resume">, stopping: AbortSignal): Promise<number>;
  /** Whether a partition is paused, which may have room at any moment. */
  readonly hasPaused: boolean;
}

// Waiting keeps the shares of the partitions fair: the client gives the records of all partitions
// in the order in which it has fetched them. A pause is unfair and costs much. The client throws
// away what it has fetched ahead for the partition. After the resume it fetches that again, and the
// new records come after all that it holds for the others: in an overload that takes seconds.

// How long one call waits for a full partition: rebalances and other partitions wait as well.
const ROOM_MS_MAX = 250;
// A partition that is full for this long is paused: its sink does not answer. Longer than a
// statement or an upload takes in an overload.
const FULL_MS_MAX = 1000; // chosen
// Records of one call of the client: enough to make the cost of a call negligible.
const RECORDS_MAX = 2000;
// While a partition is full: enough for the others to go on, few enough to bound the memory.
const RECORDS_WHEN_FULL_MAX = 200; // chosen

export interface BackpressureOptions {
  /** All buffers that exist now. */
  readonly buffers: () => Iterable<PartitionBuffer>;
  readonly now: MonotonicClock;
  /** How long one call waits at most; `ROOM_MS_MAX` when absent. */
  readonly roomMsMax?: number;
}

export function createBackpressure(options: BackpressureOptions): Backpressure {
  const { buffers, now, roomMsMax = ROOM_MS_MAX } = options;
  let taken = Promise.withResolvers<void>();
  const fullSince = new WeakMap<PartitionBuffer, MonotonicMs>();
  const isFull = (): boolean => {
    for (const buffer of buffers()) {
      if (!buffer.isPaused && !buffer.signal.aborted && buffer.isFull) return true;
    }
    return false;
  };
  const waitForRoom = async (stopping: AbortSignal): Promise<void> => {
    const endMs = now() + roomMsMax;
    for (let leftMs = roomMsMax; isFull() && leftMs > 0; leftMs = endMs - now()) {
      if (stopping.aborted) return;
      if ((await withinTime(taken.promise, leftMs)) === null) return;
    }
  };
  /** Notes whether the buffer is full. @returns Whether it has been for too long. */
  const isFullForLong = (buffer: PartitionBuffer): boolean => {
    if (!buffer.isFull) {
      fullSince.delete(buffer);
      return false;
    }
    const sinceMs = fullSince.get(buffer) ?? now();
    fullSince.set(buffer, sinceMs);
    return now() - sinceMs >= FULL_MS_MAX;
  };
  return {
    noteTaken() {
      taken.resolve();
      taken = Promise.withResolvers();
    },
    async regulate(consumer, stopping) {
      await waitForRoom(stopping);
      for (const buffer of buffers()) {
        const { partition, isPaused } = buffer;
        const isTooFull = isPaused ? !buffer.hasRoom : isFullForLong(buffer);
        const mustPause = buffer.signal.aborted || isTooFull;
        if (mustPause === isPaused) continue;
        if (mustPause) consumer.pause([partition]);
        else consumer.resume([partition]);
        buffer.isPaused = mustPause;
        fullSince.delete(buffer);
      }
      return isFull() ? RECORDS_WHEN_FULL_MAX : RECORDS_MAX;
    },
    get hasPaused() {
      for (const { isPaused } of buffers()) if (isPaused) return true;
      return false;
    },
  };
}
