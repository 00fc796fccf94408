/**
 * Group commit: what comes to be written while a group is under way, or in the same
 * turn of the event loop, goes together. A statement of 18 rows costs PostgreSQL
 * 33 µs a row, one of 6 partitions' 108 rows 16 (measured).
 */
import { setImmediate as nextTurn } from "node:timers/promises";

export interface GroupCommitOptions<Input, Outcome> {
  /** Writes a group; an outcome for each, in the same order. */
  readonly run: (group: readonly Input[]) => Promise<readonly Outcome[]>;
  /** Two of one key never share a group. */
  readonly keyOf: (input: Input) => number;
  readonly sizeOf: (input: Input) => number;
  /** Largest sum of sizes in a group; an input of half of it or more goes alone, and at once. */
  readonly sizeMax: number;
}

interface Waiting<Input, Outcome> {
  readonly input: Input;
  readonly size: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers inputs into groups, one of them under way at a time. What waits is bounded by who writes:
 * each partition has one batch here, and for a moment one more behind a rebalance.
 */
export class GroupCommit<Input, Outcome> {
  readonly #options: GroupCommitOptions<Input, Outcome>;
  #waiting: Waiting<Input, Outcome>[] = [];
  #isRunning = false;

  constructor(options: GroupCommitOptions<Input, Outcome>) {
    this.#options = options;
  }

  /** Writes an input, with others where there are any. @throws What `run` threw for its group. */
  async write(input: Input): Promise<Outcome> {
    const { sizeOf, sizeMax } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const size = sizeOf(input);
    const waiting = { input, size, resolve, reject };
    if (size * 2 >= sizeMax) void this.#runGroup([waiting]);
    else {
      this.#waiting.push(waiting);
      if (!this.#isRunning) void this.#runGroups();
    }
    return await promise;
  }

  async #runGroups(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      await nextTurn();
      await this.#runGroup(this.#takeGroup());
    }
    this.#isRunning = false;
  }

  /** Never rejects: the outcome goes to those who wait for it. */
  async #runGroup(group: readonly Waiting<Input, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.run(group.map(({ input }) => input));
      for (const [index, outcome] of outcomes.entries()) group[index]?.resolve(outcome);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  /** The first one that waits and those behind it that fit. */
  #takeGroup(): readonly Waiting<Input, Outcome>[] {
    const { keyOf, sizeMax } = this.#options;
    const keys = new Set<number>();
    let sum = 0;
    const [group, others] = [[], []] as [Waiting<Input, Outcome>[], Waiting<Input, Outcome>[]];
    for (const waiting of this.#waiting) {
      const key = keyOf(waiting.input);
      const fits = !keys.has(key) && sum + waiting.size <= sizeMax;
      // Also when it does not fit: none may overtake an earlier one of its key.
      keys.add(key);
      if (fits) sum += waiting.size;
      (fits ? group : others).push(waiting);
    }
    this.#waiting = others;
    return group;
  }
}
