/**
 * The consumer that connectConsumer() makes: reading and moving a partition take
 * turns, and a wait for records holds no thread.
 */
import type { Message } from "@confluentinc/kafka-javascript";
import { monotonicNow } from "../clock.ts";
import type { PipelineError } from "../error.ts";
import { settledWithin } from "../wait.ts";
import { Assignment } from "./assignment.ts";
import { MarkCollector, type Marks, type Watermarks } from "./assignment_events.ts";
import { ClientQueue } from "./client_queue.ts";
import type { ClientLibrary, NativeConsumer } from "./client.ts";
import type { ConsumedRecord } from "./client_record.ts";
import { callbacksOf, consumerConfig, type Owner } from "./consumer_config.ts";
import { type ConnectLoop, keepConnecting } from "./connect_loop.ts";
import type { Consumer, ConsumerOptions } from "./consumer.ts";
import {
  closeClient,
  KAFKA_CODE,
  type KafkaConnection,
  logLine,
  pipelineError,
  readClientError,
} from "./connection.ts";
import { FetchPace } from "./fetch_pace.ts";
import { countMessages, unpackMessages, type PackedMessages } from "./packed.ts";
import { readWatermarks } from "./partition_calls.ts";
import { TroubleMemory } from "./cluster/trouble_memory.ts";

const CONNECT_TIMEOUT_MS = 3000;
/** How often quiet partitions are compared with the log. */
const CHECK_INTERVAL_MS = 2000;

/**
 * The client stops fetching at `queuedBytesMax`, but answers to earlier requests still arrive. Its
 * queue never holds more than this many times `queuedBytesMax`. The proof that a fetcher has
 * stopped needs such a bound.
 */
const QUEUE_FACTOR_MAX = 4; // chosen

/** Result of one native consume(). */
type Consumed = { readonly error: unknown } | PackedMessages;

export class GroupConsumer implements Consumer {
  readonly #library: ClientLibrary;
  readonly #connection: KafkaConnection;
  readonly #options: ConsumerOptions;
  readonly #assignment: Assignment;
  readonly #queue: ClientQueue;
  readonly #marks = new MarkCollector();
  #pace = new FetchPace();
  readonly takeMarks = (): Marks => this.#marks.take();
  readonly #owner: Owner;
  #client: NativeConsumer | null = null;
  #loop: ConnectLoop | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #checker: Timer | null = null;
  #isChecking = false;
  /** Set when the client has something; consume() waits for it. */
  #hasNews = false;
  #onNews: (() => void) | null = null;
  /** Kinds of trouble that were reported since the last records. */
  readonly #reported = new Set<string>();
  readonly #troubles: TroubleMemory;
  #isClosed = false;

  constructor(library: ClientLibrary, connection: KafkaConnection, options: ConsumerOptions) {
    this.#library = library;
    this.#connection = connection;
    this.#options = options;
    this.#troubles = new TroubleMemory(connection, monotonicNow);
    this.#queue = new ClientQueue(QUEUE_FACTOR_MAX * options.queuedBytesMax);
    const access = {
      topic: options.topic,
      now: monotonicNow,
      queue: this.#queue,
      marks: this.#marks,
      client: () => this.#client,
      exclusive: <T>(work: () => Promise<T>) => this.#exclusive(work),
    };
    this.#assignment = new Assignment(access, {
      onAssign: (partitions) => options.onAssign(partitions),
      onRevoke: (partitions, lost) => options.onRevoke(partitions, lost),
      onOffsetOutOfRange: (partition) => options.onOffsetOutOfRange(partition),
      onStalled: (partition) => options.onStalled(partition),
      onError: (error) => this.#report(error),
    });
    this.#owner = { assignment: this.#assignment, announceNews: () => this.#announceNews() };
  }

  get assigned(): readonly number[] {
    return this.#assignment.partitions;
  }

  async connect(): Promise<void> {
    this.#loop = await keepConnecting({
      connection: this.#connection,
      create: () => this.#create(),
      attemptTimeoutMs: CONNECT_TIMEOUT_MS,
      onConnected: (client) => {
        this.#client = client;
        client.setDefaultConsumeTimeout(0);
        client.subscribe([this.#options.topic]);
        this.#announceNews();
      },
      onFailed: (error) => this.#report(error),
      onRefused: (error) => this.#report(error),
    });
    this.#checker = setInterval(() => void this.#check("quiet"), CHECK_INTERVAL_MS).unref();
  }

  async consume(
    recordsMax: number,
    timeoutMs = this.#options.consumeTimeoutMs,
  ): Promise<ConsumedRecord[]> {
    const deadline = monotonicNow() + timeoutMs;
    for (;;) {
      const records = await this.#fetch(recordsMax);
      this.#paceFetches(records.length);
      if (records.length > 0 || this.#isClosed) return records;
      // The event may be about a rebalance or a revoked partition: then the wait continues.
      if (!(await this.#newsWithin(deadline - monotonicNow()))) return records;
    }
  }

  #paceFetches(records: number): void {
    const { fetch, busyFetch } = this.#options;
    if (busyFetch === undefined || this.#client === null || this.#isClosed) return;
    const isBusy = this.#pace.note(records, monotonicNow());
    if (isBusy === null) return;
    const { waitMs, bytesMin } = isBusy ? busyFetch : fetch;
    this.#library.packed.paceFetches(this.#client._client, waitMs, bytesMin);
  }

  pause(partitions: readonly number[]): void {
    this.#assignment.pause(partitions);
  }

  resume(partitions: readonly number[]): void {
    this.#assignment.resume(partitions);
  }

  seek(partition: number, offset: bigint): Promise<void> {
    return this.#assignment.seek(partition, offset);
  }

  commit(positions: ReadonlyMap<number, bigint>): void {
    const { topic } = this.#options;
    const list = [...positions].map(([partition, offset]) => ({
      topic,
      partition,
      offset: Number(offset),
    }));
    try {
      if (list.length > 0) this.#client?.commit(list);
    } catch {
      // Not connected, or in the middle of a rebalance: the position in the database is what
      // counts.
    }
  }

  watermarks(partition: number, timeoutMs: number): Promise<Watermarks> {
    return readWatermarks(this.#client, { topic: this.#options.topic, partition, timeoutMs });
  }

  async disconnect(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const deadline = monotonicNow() + timeoutMs;
    const remainingMs = (): number => Math.max(1, deadline - monotonicNow());
    if (this.#checker !== null) clearInterval(this.#checker);
    this.#announceNews();
    await settledWithin(Promise.all([this.#turn, this.#loop?.stop()]), remainingMs());
    const client = this.#client;
    // The client's close() waits for the answer to its last revocation, so the assignment must stay
    // reachable.
    if (client !== null) await closeClient((done) => client.disconnect(done), remainingMs());
    client?.removeAllListeners();
    this.#owner.assignment = null;
    this.#owner.announceNews = null;
    this.#client = null;
    this.#assignment.clear();
  }

  #create(): NativeConsumer {
    this.#pace = new FetchPace(); // A new client begins with the options.
    const client = new this.#library.KafkaConsumer(
      {
        ...consumerConfig(this.#connection, this.#options),
        ...callbacksOf(this.#owner),
      },
      // Must be in this second argument; in the first it is ignored and the consumer starts at the
      // end.
      { "auto.offset.reset": "error" },
    );
    client.on("event.error", (error) => this.#report(pipelineError("Cannot reach Kafka", error)));
    const { onLog } = this.#options;
    client.on("event.log", (line: unknown) => {
      this.#troubles.noteLine(logLine(line));
      onLog?.(logLine(line));
    });
    return client;
  }

  #fetch(recordsMax: number): Promise<ConsumedRecord[]> {
    return this.#exclusive(async () => {
      const client = this.#client;
      if (client === null || this.#isClosed) return [];
      this.#hasNews = false;
      const consumed = await this.#consumeNow(client, recordsMax);
      if ("error" in consumed) {
        this.#onConsumeError(consumed.error);
        return [];
      }
      const count = countMessages(consumed);
      this.#queue.noteTaken(count, bytesOf(consumed));
      if (count > 0) {
        this.#reported.clear();
        this.#troubles.clear();
        this.#hasNews = true; // There may be more: the event comes only when the queue was empty.
      }
      const now = monotonicNow();
      const { records, ends } = unpackMessages(consumed, (partition, offset) =>
        this.#assignment.accept(partition, offset, now),
      );
      for (const { partition, offset } of ends) {
        this.#assignment.reachEnd(partition, BigInt(offset), now);
      }
      return records;
    });
  }

  #consumeNow(client: NativeConsumer, recordsMax: number): Promise<Consumed> {
    const { packed } = this.#library;
    const { topic } = this.#options;
    return new Promise((resolve) =>
      client.consume(recordsMax, (error: unknown, others: readonly Message[] = []) => {
        // Must happen inside this callback: the next callback overwrites the packed messages.
        resolve(error ? { error } : { topic, others, blocks: packed.takeMessages() });
      }),
    );
  }

  #onConsumeError(error: unknown): void {
    const { code } = readClientError(error);
    if (this.#isClosed && code === KAFKA_CODE.state) return;
    // The client says that some partition's offset is out of range, but not which one.
    if (code === KAFKA_CODE.autoOffsetReset) void this.#check("all");
    else this.#report(pipelineError(`Cannot consume "${this.#options.topic}"`, error));
  }

  async #check(which: "quiet" | "all"): Promise<void> {
    if (this.#isChecking || this.#isClosed || this.#client === null) return;
    this.#isChecking = true;
    try {
      await this.#assignment.check(which);
    } catch (error) {
      this.#report(pipelineError("Cannot compare offsets with the log", error));
    } finally {
      this.#isChecking = false;
    }
  }

  #report(failure: PipelineError): void {
    const error = this.#troubles.explain(failure);
    const kind = error.remedy ?? `${error.code} ${readClientError(error.cause).code}`;
    if (this.#isClosed || this.#reported.has(kind)) return;
    this.#reported.add(kind);
    this.#options.onError(error);
  }

  /** Runs one task at a time: a native consume(), or a call that moves a partition. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined); // The caller handles the failure.
    return result;
  }

  #announceNews(): void {
    this.#hasNews = true;
    this.#onNews?.();
  }

  async #newsWithin(timeoutMs: number): Promise<boolean> {
    if (timeoutMs <= 0) return false;
    if (this.#hasNews) return true;
    const news = Promise.withResolvers<void>();
    this.#onNews = () => news.resolve();
    await settledWithin(news.promise, timeoutMs);
    this.#onNews = null;
    return this.#hasNews;
  }
}

/** Bytes of the records of one call; those of the few that are not packed are left out. */
function bytesOf({ blocks: [, ...blocks] }: PackedMessages): number {
  return blocks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}
