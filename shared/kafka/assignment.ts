/**
 * The partitions a consumer holds, from their assignment to their revocation. A new
 * partition is taken at once, paused, so that the group's rebalance never waits for
 * a database. It starts when the caller has given its offset; until then the member
 * stays in the group like any other.
 */
import { backoffMs } from "../backoff.ts";
import { sleep } from "../wait.ts";
import type { AssignmentEvents, MarkCollector, Watermarks } from "./assignment_events.ts";
import type { NativeConsumer } from "./client.ts";
import type { ClientQueue } from "./client_queue.ts";
import {
  arriveAt,
  heldPartition,
  isQuiet,
  noteLogEnd,
  setPaused,
  startFrom,
  type HeldPartition,
} from "./held_partition.ts";
import { KAFKA_CODE, pipelineError, readClientError } from "./connection.ts";
import { readWatermarks, seekTo } from "./partition_calls.ts";

interface Access {
  readonly topic: string;
  /** A monotonic clock, ms. */
  now(): number;
  /** What the client holds for this process. */
  readonly queue: ClientQueue;
  readonly marks: MarkCollector;
  client(): NativeConsumer | null;
  /** Runs work outside consume(), so that no records read before the work arrive after it. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

type TopicPartition = { topic: string; partition: number };

// The offset of a partition until it is started, paused. Not "the end": the client asks the broker
// for it, and a late reply would override the seek and skip records.
const OFFSET_UNSTARTED = 0;
const WATERMARKS_MS_MAX = 5000;
const BACKOFF = { msMin: 20, msMax: 1000 };
/** After this many refused seeks the fetcher counts as dead; with back-off, three take 140 ms. */
const REFUSALS_MAX = 3;

export class Assignment {
  readonly #access: Access;
  readonly #events: AssignmentEvents;
  readonly #partitions = new Map<number, HeldPartition>();
  #rebalance: Promise<void> = Promise.resolve();

  constructor(access: Access, events: AssignmentEvents) {
    this.#access = access;
    this.#events = events;
  }

  get partitions(): readonly number[] {
    return [...this.#partitions.keys()].sort((a, b) => a - b);
  }

  /** Whether a record that was just read counts; if so, moves the partition's next offset. */
  accept(partition: number, offset: number, now: number): boolean {
    const state = this.#partitions.get(partition);
    if (state?.isStarted !== true) return false;
    arriveAt(state, BigInt(offset), { nowMs: now, marks: this.#access.marks });
    state.nextOffset += 1n;
    return true;
  }

  /** Notes that a partition was read to its end. Called after the records read with it. */
  reachEnd(partition: number, end: bigint, nowMs: number): void {
    const state = this.#partitions.get(partition);
    // A record that came after the end has moved the partition further.
    if (state?.isStarted !== true || end < state.nextOffset) return;
    const { marks } = this.#access;
    arriveAt(state, end, { nowMs, marks });
    marks.noteEnd(partition, end);
  }

  /** The client's rebalance callback; answers are given in order. */
  onRebalance(error: unknown, list: readonly TopicPartition[]): void {
    const partitions = list.map(({ partition }) => partition);
    const { code } = readClientError(error);
    this.#rebalance = this.#rebalance
      .then(() => {
        if (code === KAFKA_CODE.assignPartitions) return this.#take(partitions);
        return this.#giveBack(
          code === KAFKA_CODE.revokePartitions ? partitions : this.partitions,
          code,
        );
      })
      .catch((cause: unknown) => this.#events.onError(pipelineError("Cannot rebalance", cause)));
  }

  /** Sets the next offset of a partition; does nothing when it is not held (any more). */
  async seek(partition: number, offset: bigint): Promise<void> {
    const state = this.#partitions.get(partition);
    if (state !== undefined) await this.#startAt(state, offset);
  }

  pause(partitions: readonly number[]): void {
    const states = this.#held(partitions);
    for (const state of states) setPaused(state, true, this.#access.now());
    this.#pauseNow(states);
  }

  resume(partitions: readonly number[]): void {
    const states = this.#held(partitions);
    for (const state of states) setPaused(state, false, this.#access.now());
    this.#resumeNow(states.filter((state) => state.isStarted));
  }

  /** Compares quiet partitions with the log, and all of them when the client reported an error. */
  async check(which: "quiet" | "all"): Promise<void> {
    for (const state of this.#partitions.values()) {
      const isDue =
        which === "all" ? state.isStarted && !state.isPaused : isQuiet(state, this.#access.now());
      if (isDue) await this.#compare(state, which);
    }
  }

  /**
   * Compares one partition with the log: it is out of range, at the end, or stalled although the
   * log has records.
   */
  async #compare(state: HeldPartition, which: "quiet" | "all"): Promise<void> {
    const { partition, nextOffset, movedAtMs } = state;
    const { low, high } = await this.#watermarks(partition);
    // A record, a seek or a resume came in between: what was read says nothing about it.
    if (!this.#holds(state) || state.isPaused || state.movedAtMs !== movedAtMs) return;
    if (nextOffset < low || nextOffset > high) {
      this.#stop(state);
      return;
    }
    const { queue } = this.#access;
    if (which === "all" || !noteLogEnd(state, high, { nowMs: this.#access.now(), queue })) return;
    const { moveWanted } = state;
    state.stalls += 1;
    this.#events.onStalled(partition);
    await this.#access.exclusive(async () => {
      // A record or a move that came while this waited for its turn is newer than what was read.
      if (state.movedAtMs !== movedAtMs || state.moveWanted !== moveWanted) return;
      await this.#assignAgain(state, nextOffset);
    });
  }

  /** Forgets all partitions: work in progress for them ends without effect. */
  clear(): void {
    this.#partitions.clear();
  }

  #take(partitions: readonly number[]): void {
    const nowMs = this.#access.now();
    const states = partitions.map((partition) => heldPartition(partition, nowMs));
    const list = this.#names(partitions);
    this.#access
      .client()
      ?.incrementalAssign(list.map((name) => ({ ...name, offset: OFFSET_UNSTARTED })));
    for (const state of states) {
      // An end from an earlier assignment must not make a gap of what is to be read again.
      this.#access.marks.forget(state.partition);
      this.#partitions.set(state.partition, state);
    }
    this.#pauseNow(states);
    // Also for an empty list: the caller learns that the group has answered.
    void this.#start(states);
  }

  async #giveBack(partitions: readonly number[], code: number): Promise<void> {
    const client = this.#access.client();
    const lost = code !== KAFKA_CODE.revokePartitions || client?.assignmentLost() === true;
    for (const partition of partitions) this.#partitions.delete(partition);
    try {
      if (partitions.length > 0) await this.#events.onRevoke([...partitions], lost);
    } catch (cause) {
      this.#events.onError(pipelineError("Cannot finish before partitions are given back", cause));
    }
    client?.incrementalUnassign(this.#names(partitions));
  }

  /** Gets the offsets of the partitions, then starts each. */
  async #start(states: readonly HeldPartition[]): Promise<void> {
    let failures = 0;
    do {
      const held = states.filter((state) => this.#holds(state));
      try {
        const offsets = await this.#events.onAssign(held.map(({ partition }) => partition));
        await Promise.all(
          held.map(async (state) => {
            const offset = offsets.get(state.partition);
            // A seek that was asked for meanwhile is newer than this answer.
            if (offset !== undefined && state.moveWanted === 0) await this.#startAt(state, offset);
          }),
        );
        return;
      } catch (cause) {
        this.#events.onError(pipelineError("Cannot get the offsets to start at", cause));
        await sleep(backoffMs(failures++, BACKOFF));
      }
    } while (states.some((state) => this.#holds(state)));
  }

  /** Tries until the partition runs, is revoked, or is found not to have this offset. */
  async #startAt(state: HeldPartition, offset: bigint): Promise<void> {
    let [failures, refusals] = [0, 0];
    const number = ++state.moveWanted;
    const isWanted = (): boolean => this.#holds(state) && state.moveWanted === number;
    while (isWanted()) {
      try {
        const { low, high } = await this.#watermarks(state.partition);
        if (offset < low || offset > high) {
          if (isWanted()) this.#stop(state);
          return;
        }
        const move = refusals < REFUSALS_MAX ? this.#move : this.#assignAgain;
        await this.#access.exclusive(async () => {
          if (isWanted()) await move.call(this, state, offset);
        });
        return;
      } catch (cause) {
        // A partition that was assigned a moment ago refuses to seek until its fetcher runs.
        if (readClientError((cause as Error).cause).code === KAFKA_CODE.state) refusals += 1;
        else this.#events.onError(pipelineError("Cannot start a partition", cause));
        await sleep(backoffMs(failures++, BACKOFF));
      }
    }
  }

  async #move(state: HeldPartition, offset: bigint): Promise<void> {
    const client = this.#access.client();
    if (client === null) return;
    const { topic } = this.#access;
    // Before the seek, which wakes the fetcher: resuming alone lets it sleep for up to a second.
    // The seek makes records from another offset outdated, and no read runs meanwhile.
    if (!state.isPaused) this.#resumeNow([state]);
    await seekTo(client, { topic, partition: state.partition, offset: Number(offset) });
    if (!this.#holds(state)) return;
    startFrom(state, offset, { nowMs: this.#access.now(), marks: this.#access.marks });
    if (state.isPaused) this.#pauseNow([state]); // The caller paused it during the seek.
  }

  /**
   * Gives a partition a new fetcher, at an offset. A fetcher that asked for `OFFSET_UNSTARTED`
   * before its pause took effect, of a log that begins later, has ended permanently and refuses
   * every seek; another one may have stalled for a reason inside the client.
   */
  async #assignAgain(state: HeldPartition, offset: bigint): Promise<void> {
    const client = this.#access.client();
    if (client === null || !this.#holds(state)) return;
    const [name] = this.#names([state.partition]);
    if (name === undefined) return;
    client.incrementalUnassign([name]);
    client.incrementalAssign([{ ...name, offset: Number(offset) }]);
    startFrom(state, offset, { nowMs: this.#access.now(), marks: this.#access.marks });
    if (state.isPaused) this.#pauseNow([state]);
  }

  #watermarks(partition: number): Promise<Watermarks> {
    const { topic } = this.#access;
    return readWatermarks(this.#access.client(), {
      topic,
      partition,
      timeoutMs: WATERMARKS_MS_MAX,
    });
  }

  #stop(state: HeldPartition): void {
    state.isStarted = false;
    this.#pauseNow([state]);
    this.#events.onOffsetOutOfRange(state.partition);
  }

  #holds(state: HeldPartition): boolean {
    return this.#partitions.get(state.partition) === state;
  }

  #held(partitions: readonly number[]): HeldPartition[] {
    return partitions.flatMap((partition) => this.#partitions.get(partition) ?? []);
  }

  #pauseNow(states: readonly HeldPartition[]): void {
    if (states.length === 0) return;
    this.#access.client()?.pause(this.#names(states.map(({ partition }) => partition)));
  }

  #resumeNow(states: readonly HeldPartition[]): void {
    if (states.length === 0) return;
    this.#access.client()?.resume(this.#names(states.map(({ partition }) => partition)));
  }

  #names(partitions: readonly number[]): TopicPartition[] {
    return partitions.map((partition) => ({ topic: this.#access.topic, partition }));
  }
}
