/**
 * Bounds the memory of a pipeline (P6): the consume loop waits while a sink is busy, and pauses the
 * partitions when the sink is down.
 */
import { withinTime } from "@tally/shared";
import type { Consumer } from "@tally/shared/kafka";
import type { PartitionBuffer } from "./partition_buffer.ts";

/** Balances the consume loop (fills buffers) and the writers (empty them). */
export interface Backpressure {
  /** Called by a writer that took a batch. */
  noteTaken(): void;
  /**
   * Waits up to `ROOM_MS_MAX` for a full partition to drain (not while stopping), then pauses the
   * partitions that are still full and resumes those that have room again.
   */
  regulate(consumer: Pick<Consumer, "pause" | "resume">, stopping: AbortSignal): Promise<void>;
}

// How long consuming waits for a full partition before it pauses the partition. Waiting is cheaper:
// a pause makes the client throw away what it has fetched ahead for the partition, and a resume
// fetches all of that again. With pauses alone, a sink slower than the log cost twice the work
// (measured). The wait is bounded because other partitions and rebalances have to wait as well:
// when a sink is down for longer, its partitions are paused.
const ROOM_MS_MAX = 250;

/** @param buffers All buffers that exist now. */
export function createBackpressure(buffers: () => Iterable<PartitionBuffer>): Backpressure {
  let taken = Promise.withResolvers<void>();
  const isFull = (): boolean => {
    for (const buffer of buffers()) {
      if (!buffer.isPaused && !buffer.signal.aborted && buffer.isFull) return true;
    }
    return false;
  };
  const waitForRoom = async (stopping: AbortSignal): Promise<void> => {
    const endMs = performance.now() + ROOM_MS_MAX;
    for (let leftMs = ROOM_MS_MAX; isFull() && leftMs > 0; leftMs = endMs - performance.now()) {
      if (stopping.aborted) return;
      await withinTime(taken.promise, leftMs);
    }
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
        const mustPause = buffer.signal.aborted || (isPaused ? !buffer.hasRoom : buffer.isFull);
        if (mustPause === isPaused) continue;
        if (mustPause) consumer.pause([partition]);
        else consumer.resume([partition]);
        buffer.isPaused = mustPause;
      }
    },
  };
}
