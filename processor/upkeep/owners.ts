/** Which processor holds each partition, as the running processors say themselves. Pure. */
import type { SinkName } from "@tally/shared";

/** Partitions that one processor holds, ascending, by sink. */
export type HeldPartitions = Readonly<Record<SinkName, readonly number[]>>;

/** One running processor. */
export interface Holder {
  /** Host and process number; empty for a processor of an older version. */
  readonly label: string;
  readonly held: HeldPartitions;
}

/** Labels by partition, by sink. */
export type Owners = Readonly<Record<SinkName, ReadonlyMap<number, string>>>;

/**
 * Finds the owner of each partition. While a partition moves, two processors may name it: the one
 * that comes later in the list then counts.
 */
export function ownersOf(holders: readonly Holder[]): Owners {
  const of = (sink: SinkName): ReadonlyMap<number, string> =>
    new Map(
      holders
        .filter(({ label }) => label !== "")
        .flatMap(({ label, held }) => held[sink].map((partition) => [partition, label] as const)),
    );
  return { postgres: of("postgres"), archive: of("archive") };
}
