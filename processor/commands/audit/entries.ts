/** What accounts for offsets of the log, and the merge of several sources of it. Pure. */

/** A row of `web_events`. */
export interface StoredRow {
  readonly eventId: string;
  readonly offset: bigint;
  readonly sessionId: string;
  readonly eventType: string;
  /** ms since 1970, as `receivedAtMs`. */
  readonly tsMs: number;
  readonly receivedAtMs: number;
  readonly payload: unknown;
  readonly source: string | null;
}

/** Accounts for one offset, or for a range of offsets when it is a gap or lost. */
export interface Entry {
  readonly kind: "row" | "duplicate" | "dead letter" | "gap" | "lost";
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly eventId: string | null;
  /** Null when the entry is no row. */
  readonly row: StoredRow | null;
}

/** Merges sources, each in offset order, into one in offset order. */
export async function* mergeByOffset(
  sources: readonly AsyncIterable<Entry>[],
): AsyncGenerator<Entry> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
  for (;;) {
    let least: { entry: Entry; index: number } | null = null;
    for (const [index, head] of heads.entries()) {
      if (head.done === true) continue;
      if (least === null || head.value.firstOffset < least.entry.firstOffset) {
        least = { entry: head.value, index };
      }
    }
    const iterator = least === null ? undefined : iterators[least.index];
    if (least === null || iterator === undefined) return;
    yield least.entry;
    heads[least.index] = await iterator.next();
  }
}

/**
 * Reads for each element in order, up to `aheadMax` elements ahead of the consumer.
 *
 * @param aheadMax Answers in memory at once.
 */
export async function* readAhead<T, U>(
  source: AsyncIterable<T>,
  read: (element: T) => Promise<U>,
  aheadMax: number,
): AsyncGenerator<U> {
  const pending: Promise<U>[] = [];
  for await (const element of source) {
    const answer = read(element);
    // The consumer gets the failure; until it waits, the failure must not end the process.
    answer.catch(() => undefined);
    pending.push(answer);
    const first = pending.length < aheadMax ? undefined : pending.shift();
    if (first !== undefined) yield await first;
  }
  for (const answer of pending) yield await answer;
}
