/**
 * Writes of this process that are not in the metrics yet: they ended without an answer, or were
 * part of a batch whose rest failed. When the position shows later that such a write is stored, its
 * figures are counted then.
 */
export class LostAnswers {
  /** Where such writes end, by partition; bounded by how often a batch can be halved. */
  readonly #ends = new Map<number, Set<bigint>>();

  /** Notes that a write up to this offset may be stored and is not counted. */
  note(partition: number, nextOffset: bigint): void {
    const ends = this.#ends.get(partition);
    if (ends === undefined) this.#ends.set(partition, new Set([nextOffset]));
    else ends.add(nextOffset);
  }

  /** Whether such a write ended at this offset. */
  has(partition: number, nextOffset: bigint): boolean {
    return this.#ends.get(partition)?.has(nextOffset) ?? false;
  }

  /** Whether such a write of the partition ended before this offset. */
  hasBefore(partition: number, nextOffset: bigint): boolean {
    return [...(this.#ends.get(partition) ?? [])].some((end) => end < nextOffset);
  }

  /** Forgets a partition: its batch is counted, or it may have had another owner. */
  forget(partition: number): void {
    this.#ends.delete(partition);
  }
}
