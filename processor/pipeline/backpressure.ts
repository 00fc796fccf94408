/**
 * Bounds what a pipeline holds in memory: consuming waits for a sink that is
 * busy, and pauses the partitions of one that is away (P6).
 */
import { withinTime } from "@tally/shared";
import type { Consumer } from "@tally/shared/kafka";
import type { Partition } from "./partition.ts";

/** Between the consume loop, which fills partitions, and the writers, which empty them. */
export interface Backpressure {
  /** Told by a writer that it took a batch. */
  noteTaken(): void;
  /**
   * Waits while a partition that is consumed is full, not for long and not when stopping; then
   * pauses those that stayed full, and resumes those that have room again.
   */
  regulate(consumer: Pick<Consumer, "pause" | "resume">, stopping: AbortSignal): Promise<void>;
}

// How long a full partition is waited for before it is paused. A pause throws away what the client
// fetched ahead for it, and all of that is fetched again: with pauses alone a sink slower than the
// log cost twice the work. Bounded, as other partitions and rebalances wait as long.
const ROOM_MS_MAX = 250;

/** @param values The partitions held now. */
export function createBackpressure(values: () => Iterable<Partition>): Backpressure {
  let taken = Promise.withResolvers<void>();
  const isFull = (): boolean => {
    for (const partition of values()) {
      if (!partition.paused && !partition.signal.aborted && partition.isFull) return true;
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
      for (const partition of values()) {
        const mustPause =
          partition.signal.aborted || (partition.paused ? !partition.hasRoom : partition.isFull);
        if (mustPause === partition.paused) continue;
        if (mustPause) consumer.pause([partition.partition]);
        else consumer.resume([partition.partition]);
        partition.paused = mustPause;
      }
    },
  };
}
