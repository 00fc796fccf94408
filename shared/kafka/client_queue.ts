/**
 * What the client has fetched and this process has not taken yet: one queue, first in, first out,
 * for all partitions of a consumer. It can't be looked into; this shows what has left it.
 */

/** A moment: whatever was in the queue then leaves it before anything that came later. */
export interface QueueMark {
  readonly emptied: number;
  readonly bytes: number;
}

export class ClientQueue {
  readonly #bytesMax: number;
  #emptied = 0;
  #bytes = 0;

  /** @param bytesMax More bytes than the queue ever holds. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Notes what one call took; 0 records mean that the queue was empty. */
  noteTaken(records: number, bytes: number): void {
    if (records === 0) this.#emptied += 1;
    this.#bytes += bytes;
  }

  mark(): QueueMark {
    return { emptied: this.#emptied, bytes: this.#bytes };
  }

  /** Whether everything that was in the queue at the mark has been taken. */
  hasPassed(mark: QueueMark): boolean {
    return this.#emptied > mark.emptied || this.#bytes - mark.bytes > this.#bytesMax;
  }
}
