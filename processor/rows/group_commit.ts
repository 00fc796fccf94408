/**
 * Group commit: inputs that arrive while a group is being written, or in the same
 * turn of the event loop, are written together. A statement of 18 rows costs
 * PostgreSQL 33 µs a row, one with 108 rows of 6 partitions 16 µs (measured).
 */
import { setImmediate as nextTurn } from "node:timers/promises";

export interface GroupCommitOptions<Input, Outcome> {
  /** Writes a group; resolves with one outcome per input, in the same order. */
  readonly run: (group: readonly Input[]) => Promise<readonly Outcome[]>;
  /** Two inputs with the same key never share a group. */
  readonly keyOf: (input: Input) => number;
  readonly sizeOf: (input: Input) => number;
  /**
   * Largest sum of sizes in a group; an input of at least half this size is written alone, at once.
   */
  readonly sizeMax: number;
}

interface Waiting<Input, Outcome> {
  readonly input: Input;
  readonly size: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers inputs into groups and writes one group at a time. The callers bound how many inputs
 * wait: each partition has one batch here, and for a moment a second one after a rebalance.
 */
export class GroupCommit<Input, Outcome> {
  readonly #options: GroupCommitOptions<Input, Outcome>;
  #waiting: Waiting<Input, Outcome>[] = [];
  #isRunning = false;

  constructor(options: GroupCommitOptions<Input, Outcome>) {
    this.#options = options;
  }

  /** Writes an input, together with others if there are any. @throws What `run` threw. */
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

  /** Never rejects: outcomes and errors go to the callers of `write`. */
  async #runGroup(group: readonly Waiting<Input, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.run(group.map(({ input }) => input));
      for (const [index, outcome] of outcomes.entries()) group[index]?.resolve(outcome);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  /** The first waiting input and those after it that fit. */
  #takeGroup(): readonly Waiting<Input, Outcome>[] {
    const { keyOf, sizeMax } = this.#options;
    const keys = new Set<number>();
    let sum = 0;
    const [group, others] = [[], []] as [Waiting<Input, Outcome>[], Waiting<Input, Outcome>[]];
    for (const waiting of this.#waiting) {
      const key = keyOf(waiting.input);
      const fits = !keys.has(key) && sum + waiting.size <= sizeMax;
      // Also when it does not fit: no input may overtake an earlier one with its key.
      keys.add(key);
      if (fits) sum += waiting.size;
      (fits ? group : others).push(waiting);
    }
    this.#waiting = others;
    return group;
  }
}
