/**
 * Offsets to commit to Kafka now and then, for lag tools only. The positions
 * that count are in PostgreSQL.
 */
import type { MonotonicClock } from "@tally/shared";
import type { Consumer } from "@tally/shared/kafka";

/** Collects positions and commits the latest of each partition. */
export interface OffsetCommits {
  note(partition: number, position: bigint): void;
  /** Commits what was noted, unless the last commit was less than `COMMIT_MS` ago. */
  commitWhenDue(consumer: Committer): void;
  commitNow(consumer: Committer): void;
}

type Committer = Pick<Consumer, "commit">;

// A commit is a write of the broker: one per batch cost as much as the records themselves.
const COMMIT_MS = 1000;

export function createOffsetCommits(now: MonotonicClock): OffsetCommits {
  const positions = new Map<number, bigint>();
  let committedMs = now();
  const commitNow = (consumer: Committer): void => {
    if (positions.size === 0) return;
    consumer.commit(positions);
    positions.clear();
    committedMs = now();
  };
  return {
    note: (partition, position) => void positions.set(partition, position),
    commitWhenDue(consumer) {
      if (now() - committedMs >= COMMIT_MS) commitNow(consumer);
    },
    commitNow,
  };
}
