/**
 * Requests to Kafka besides records: topics with stated settings, their ids, and
 * the first and last offsets of their partitions.
 */
import type {
  IAdminClient,
  LibrdKafkaError,
  ListOffsetsResult,
} from "@confluentinc/kafka-javascript";
import { monotonicNow } from "../clock.ts";
import type { Watermarks } from "./assignment_events.ts";
import { loadClient } from "./client.ts";
import {
  type ClientLogLine,
  KAFKA_CODE,
  type KafkaConnection,
  logLine,
  pipelineError,
  readClientError,
} from "./connection.ts";
import { globalConfig, optionsError, topicConfig } from "./properties.ts";
import { TroubleMemory } from "./cluster/trouble_memory.ts";

/** A topic as it should be. */
export interface TopicSettings {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Settings by their names in Kafka, e.g. "retention.ms". */
  readonly config: Readonly<Record<string, string>>;
}

/** A topic as it is. */
export interface TopicDescription {
  /** The id that Kafka gave it, in Base64: a topic deleted and created again has another one. */
  readonly topicId: string;
  readonly partitions: number;
}

/**
 * Every method but isReachable() rejects with a PipelineError: `broker_unavailable`,
 * `broker_rejected`, or `broker_misconfigured` with what an operator has to change.
 */
export interface Admin {
  /** A topic that exists already is left as it is. */
  createTopics(topics: readonly TopicSettings[], timeoutMs?: number): Promise<void>;
  /** Adds partitions to a topic until it has this many. */
  growTopic(topic: string, partitions: number, timeoutMs?: number): Promise<void>;
  /** A topic that doesn't exist is fine. */
  deleteTopics(topics: readonly string[], timeoutMs?: number): Promise<void>;
  /** The topic, or null when there is none. */
  describeTopic(topic: string, timeoutMs?: number): Promise<TopicDescription | null>;
  /** Reads several partitions in two requests; a partition without a leader is left out. */
  watermarks(
    topic: string,
    partitions: readonly number[],
    timeoutMs?: number,
  ): Promise<ReadonlyMap<number, Watermarks>>;
  /** Whether a broker answers. Never throws. */
  isReachable(timeoutMs: number): Promise<boolean>;
  disconnect(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
// Leaders answer within milliseconds.
const OFFSETS_MS_MAX = 1000;
const OFFSET_EARLIEST = -2;
const OFFSET_LATEST = -1;

/**
 * Loads the client. Sends nothing to the broker yet, so that it works without one.
 *
 * @throws {PipelineError} `client_unavailable`, `config_invalid`.
 */
export async function connectAdmin(
  connection: KafkaConnection,
  options: { readonly onLog?: (line: ClientLogLine) => void } = {},
): Promise<Admin> {
  const library = await loadClient();
  const troubles = new TroubleMemory(connection, monotonicNow);
  // The client takes one argument only.
  const config = { ...globalConfig(connection, {}), ...topicConfig(connection, {}) };
  try {
    const client = library.AdminClient.create(config, {
      "event.log": (line: unknown) => {
        troubles.noteLine(logLine(line));
        options.onLog?.(logLine(line));
      },
    });
    return new KafkaAdmin(client, troubles);
  } catch (cause) {
    throw optionsError(cause, connection);
  }
}

class KafkaAdmin implements Admin {
  readonly #client: IAdminClient;
  readonly #troubles: TroubleMemory;
  /** The client locks while it works, and closing it then would stop this whole thread. */
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(client: IAdminClient, troubles: TroubleMemory) {
    this.#client = client;
    this.#troubles = troubles;
  }

  async createTopics(topics: readonly TopicSettings[], timeoutMs = TIMEOUT_MS): Promise<void> {
    for (const { topic, partitions, replicationFactor, config } of topics) {
      const wanted = {
        topic,
        num_partitions: partitions,
        replication_factor: replicationFactor,
        config: { ...config },
      };
      const action = `Cannot create topic "${topic}"`;
      await this.#askController<void>(
        action,
        { timeoutMs, fine: [KAFKA_CODE.topicExists] },
        (done) => {
          this.#client.createTopic(wanted, timeoutMs, (error) => done(error, undefined));
        },
      );
    }
  }

  async growTopic(topic: string, partitions: number, timeoutMs = TIMEOUT_MS): Promise<void> {
    const action = `Cannot add partitions to topic "${topic}"`;
    await this.#askController<void>(action, { timeoutMs, fine: [] }, (done) => {
      this.#client.createPartitions(topic, partitions, timeoutMs, (error) =>
        done(error, undefined),
      );
    });
  }

  async deleteTopics(topics: readonly string[], timeoutMs = TIMEOUT_MS): Promise<void> {
    for (const topic of topics) {
      const action = `Cannot delete topic "${topic}"`;
      await this.#askController<void>(action, { timeoutMs, fine: UNKNOWN_TOPIC }, (done) => {
        this.#client.deleteTopic(topic, timeoutMs, (error) => done(error, undefined));
      });
    }
  }

  async describeTopic(topic: string, timeoutMs = TIMEOUT_MS): Promise<TopicDescription | null> {
    const action = `Cannot describe topic "${topic}"`;
    const wanted = { timeoutMs, fine: UNKNOWN_TOPIC };
    const list = await this.#askController<ClientTopic[]>(action, wanted, (done) => {
      this.#client.describeTopics([topic], { timeout: timeoutMs }, (error, found) =>
        done(error, found as unknown as ClientTopic[]),
      );
    });
    const [description] = list ?? [];
    if (description === undefined) return null;
    if (description.error !== undefined) {
      if (UNKNOWN_TOPIC.includes(readClientError(description.error).code)) return null;
      throw this.#troubles.explain(pipelineError(action, description.error));
    }
    return { topicId: description.topicId.base64, partitions: description.partitions.length };
  }

  async watermarks(
    topic: string,
    partitions: readonly number[],
    timeoutMs = TIMEOUT_MS,
  ): Promise<ReadonlyMap<number, Watermarks>> {
    await this.#waitForBroker(`Cannot read the watermarks of "${topic}"`, timeoutMs);
    const offsetsMs = Math.min(timeoutMs, OFFSETS_MS_MAX);
    const low = await this.#offsets(topic, partitions, {
      timestamp: OFFSET_EARLIEST,
      timeoutMs: offsetsMs,
    });
    const high = await this.#offsets(topic, partitions, {
      timestamp: OFFSET_LATEST,
      timeoutMs: offsetsMs,
    });
    const watermarks = new Map<number, Watermarks>();
    for (const partition of partitions) {
      const [first, end] = [low.get(partition), high.get(partition)];
      if (first === undefined || end === undefined) continue;
      watermarks.set(partition, { low: first, high: end });
    }
    return watermarks;
  }

  async isReachable(timeoutMs: number): Promise<boolean> {
    if (this.#isClosed) return false;
    try {
      await this.#ask("Cannot list topics", [], (done) =>
        this.#client.listTopics({ timeout: timeoutMs }, done),
      );
      return true;
    } catch {
      return false; // The answer is no; the other methods report why.
    }
  }

  async disconnect(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#turn;
    this.#client.disconnect();
  }

  async #offsets(
    topic: string,
    partitions: readonly number[],
    { timestamp, timeoutMs }: { timestamp: number; timeoutMs: number },
  ): Promise<Map<number, bigint>> {
    // A plain object is what the client reads of its own class OffsetSpec.
    const wanted = partitions.map((partition) => ({ topic, partition, offset: { timestamp } }));
    const found = await this.#ask<ListOffsetsResult[]>(
      `Cannot read the watermarks of "${topic}"`,
      [],
      (done) => this.#client.listOffsets(wanted, { timeout: timeoutMs }, done),
    );
    const offsets = new Map<number, bigint>();
    for (const { partition, offset, error } of found ?? []) {
      if (error === undefined) offsets.set(partition, BigInt(offset));
    }
    return offsets;
  }

  /**
   * Waits quietly until a broker answers. Without a broker librdkafka tries to send some requests
   * (of offsets, and all that go to the controller) in a busy loop: it connects 12,000 times a
   * second, for 90 % of a core (measured). The loop is short if the broker goes after this wait.
   */
  async #waitForBroker(action: string, timeoutMs: number): Promise<void> {
    if (await this.isReachable(timeoutMs)) return;
    throw this.#troubles.explain(pipelineError(action, new Error("no broker answers")));
  }

  /** A request that librdkafka sends to the controller. */
  async #askController<T>(
    action: string,
    { timeoutMs, fine }: { readonly timeoutMs: number; readonly fine: readonly number[] },
    ask: (done: (error: unknown, answer: T) => void) => void,
  ): Promise<T | null> {
    await this.#waitForBroker(action, timeoutMs);
    return await this.#ask(action, fine, ask);
  }

  /** One request at a time; null when the answer is one of the codes that are fine. */
  #ask<T>(
    action: string,
    fine: readonly number[],
    ask: (done: (error: unknown, answer: T) => void) => void,
  ): Promise<T | null> {
    const once = (): Promise<T> =>
      new Promise((resolve, reject) => {
        // The client throws when it was closed while the request waited for its turn.
        if (this.#isClosed) throw pipelineError(action, new Error("the client was closed"));
        ask((error, value) => (error ? reject(error) : resolve(value)));
      });
    const answer = this.#turn.then(async () => {
      try {
        const value = await askAgain(once);
        this.#troubles.clear();
        return value;
      } catch (error) {
        if (fine.includes(readClientError(error).code)) return null;
        throw this.#troubles.explain(pipelineError(action, error));
      }
    });
    this.#turn = answer.catch(() => undefined); // The caller handles the failure.
    return answer;
  }
}

const ASKS_MAX = 3; // chosen

/**
 * Asks again when the client gave up the broker that it had chosen: once it knows a broker's
 * number, it replaces the handle that it made for the address, and ends what waited there.
 */
export async function askAgain<T>(ask: () => Promise<T>): Promise<T> {
  for (let asked = 1; ; asked++) {
    try {
      return await ask();
    } catch (error) {
      const isReplaced = readClientError(error).code === KAFKA_CODE.brokerReplaced;
      if (!isReplaced || asked === ASKS_MAX) throw error;
    }
  }
}

const UNKNOWN_TOPIC: readonly number[] = [KAFKA_CODE.unknownTopic, KAFKA_CODE.unknownTopicLocal];

/** The client's form; its types call the id's text `base64str`. */
interface ClientTopic {
  readonly topicId: { readonly base64: string };
  readonly partitions: readonly unknown[];
  readonly error?: LibrdKafkaError;
}
