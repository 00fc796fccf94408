/**
 * The producer that connectProducer() makes: hands records to the client, finds the
 * caller of each delivery report, and replaces a client that died.
 */
import type { DeliveryReport } from "@confluentinc/kafka-javascript";
import { monotonicNow } from "../clock.ts";
import { PipelineError } from "../error.ts";
import { settledWithin, sleep } from "../wait.ts";
import type { ClientLibrary, NativeProducer } from "./client.ts";
import { bytesOf, keyOf, nativeHeaders, valueOf, type OutgoingRecord } from "./client_record.ts";
import { type ConnectLoop, keepConnecting } from "./connect_loop.ts";
import {
  closeClient,
  KAFKA_CODE,
  type KafkaConnection,
  logLine,
  pipelineError,
  readClientError,
} from "./connection.ts";
import { BatchLimit } from "./producing/batch_limit.ts";
import { DeliverySlots } from "./producing/delivery_slots.ts";
import { HandOver } from "./producing/hand_over.ts";
import { batchBytesMax, producerConfig, recordConfig } from "./producing/producer_config.ts";
import { unpackReports } from "./packed.ts";
import { RecordPacker, type NumberedRecord } from "./producing/record_packer.ts";
import type { OnDelivery, Producer, ProducerOptions } from "./producer.ts";
import { reachesLeader, readTopicState, type TopicState } from "./cluster/topic_state.ts";

/** Time between two new clients after fatal errors, so that a lasting cause makes no busy loop. */
const RENEWAL_INTERVAL_MS_MIN = 1000;
/** A client that lost its state has nothing left to wait for. */
const ABANDON_TIMEOUT_MS = 2000;
/** The client flushes once more before it closes; flush() has already waited, so this need not. */
const NATIVE_FLUSH_MS = 1;

/** Of all producers of this process: it is empty whenever one begins to hand over. */
const PACKER = new RecordPacker();

export class IdempotentProducer implements Producer {
  readonly #library: ClientLibrary;
  readonly #connection: KafkaConnection;
  readonly #options: ProducerOptions;
  readonly #slots: DeliverySlots;
  readonly #handOver: HandOver;
  readonly #batchLimit: BatchLimit;
  #client: NativeProducer | null = null;
  #bell: Bell | null = null;
  #loop: ConnectLoop | null = null;
  #renewal: Promise<void> = Promise.resolve();
  #renewedAt = -RENEWAL_INTERVAL_MS_MIN;
  #isClosed = false;

  constructor(library: ClientLibrary, connection: KafkaConnection, options: ProducerOptions) {
    this.#library = library;
    this.#connection = connection;
    this.#options = options;
    this.#slots = new DeliverySlots(options.queueRecordsMax);
    this.#batchLimit = new BatchLimit({
      bytesMax: batchBytesMax(connection),
      now: monotonicNow,
      onLowered: () => this.#limitBatches(),
    });
    this.#handOver = new HandOver({
      unreported: () => this.#slots.records,
      hand: (records) => this.#hand(records),
    });
  }

  get queuedRecords(): number {
    return this.#slots.records;
  }

  get queuedBytes(): number {
    return this.#slots.bytes;
  }

  async connect(isRenewal = false): Promise<void> {
    this.#loop = await keepConnecting({
      isRenewal,
      connection: this.#connection,
      create: () => this.#create(),
      attemptTimeoutMs: this.#options.connectTimeoutMs,
      onConnected: (client) => {
        this.#client = client;
        this.#bell = { ring: () => this.#poll(client) };
        this.#library.packed.announceReports(client._client, bellCallback(this.#bell));
        if (this.#batchLimit.isLowered) this.#limitBatches();
        // It rings only when there was nothing before: an error that is there already, of one
        // refused address among several, would keep it silent for ever.
        this.#poll(client);
      },
      onFailed: (error) =>
        this.#options.onLog?.({ severity: 4, facility: "CONNECT", message: error.message }),
      onRefused: (error) => this.#options.onFatal?.(error),
    });
  }

  produceBatch(topic: string, records: readonly OutgoingRecord[], onDelivery: OnDelivery): void {
    let refusal = this.#client === null ? this.#away(topic) : null;
    const accepted: NumberedRecord[] = [];
    let index = 0; // Counted manually for speed: this runs for every record that Tally publishes.
    for (const record of records) {
      refusal ??= this.#full();
      if (refusal === null) {
        const slot = this.#slots.take(onDelivery, index, bytesOf(record));
        accepted.push({ topic, record, slot });
      } else onDelivery(index, refusal);
      index++;
    }
    this.#handOver.gather(accepted);
  }

  async flush(timeoutMs: number): Promise<boolean> {
    // Not librdkafka's flush: it blocks one of four threads, to save a linger of a few ms.
    if (this.#slots.records > 0) await settledWithin(this.#slots.whenEmpty(), timeoutMs);
    return this.#slots.records === 0;
  }

  readTopic(topic: string, timeoutMs: number): Promise<TopicState> {
    const client = this.#client;
    if (client === null) return Promise.resolve({ kind: "unreachable" });
    return readTopicState(client, topic, timeoutMs);
  }

  reachesLeader(topic: string, partition: number, timeoutMs: number): Promise<boolean> {
    const client = this.#client;
    if (client === null) return Promise.resolve(false);
    return reachesLeader(client, { topic, partition }, timeoutMs);
  }

  async disconnect(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const deadline = performance.now() + timeoutMs;
    await this.flush(timeoutMs);
    const remainingMs = (): number => Math.max(1, deadline - performance.now());
    const stopped = this.#renewal.then(() => this.#loop?.stop());
    await settledWithin(stopped, remainingMs());
    const client = this.#client;
    this.#client = null;
    if (client !== null) await this.#close(client, remainingMs());
    this.#slots.settleAll(
      new PipelineError("broker_unavailable", "Cannot publish: the producer was closed"),
    );
  }

  /** Gives records to the client, in order. */
  #hand(records: readonly NumberedRecord[]): void {
    let refusal: PipelineError | null = null;
    const handOne = (numbered: NumberedRecord): void => {
      if (refusal === null) refusal = this.#handOne(numbered);
      else this.#slots.settle(numbered.slot, refusal);
    };
    const handPacked = (): void => {
      for (const numbered of this.#handPacked()) handOne(numbered);
    };
    for (const numbered of records) {
      if (PACKER.add(numbered)) continue;
      handPacked();
      if (!PACKER.add(numbered)) handOne(numbered);
    }
    handPacked();
  }

  /** Hands over what is packed. @returns What the client did not take. */
  #handPacked(): readonly NumberedRecord[] {
    const { topic } = PACKER;
    const client = this.#client;
    const isAble = topic !== null && client !== null;
    const taken = isAble ? this.#library.packed.produceMany(client._client, topic, PACKER) : 0;
    return PACKER.clear().slice(taken);
  }

  /**
   * Gives one record to the client. Returns an error if the following records must not be tried.
   * If there is no client, `#renew()` or `disconnect()` settles the record.
   */
  #handOne({ topic, record, slot }: NumberedRecord): PipelineError | null {
    try {
      const { timestampMs, headers } = record;
      this.#client?.produce(
        topic,
        null,
        valueOf(record),
        keyOf(record),
        timestampMs,
        slot,
        headers && nativeHeaders(headers),
      );
      return null;
    } catch (cause) {
      const error = pipelineError(`Cannot publish to "${topic}"`, cause);
      const { code, isFatal } = readClientError(cause);
      this.#slots.settle(slot, error);
      if (isFatal) this.#renew(error);
      return isFatal || code === KAFKA_CODE.queueFull ? error : null;
    }
  }

  #poll(client: NativeProducer): void {
    if (!client.isConnected()) return;
    // What a client that is gone has left behind: its numbers mean other records here.
    this.#library.packed.takeReports();
    client.poll();
    this.#takeReports();
  }

  #takeReports(): void {
    unpackReports(this.#library.packed.takeReports(), (slot, partition, offset) =>
      this.#slots.settle(slot, { partition, offset }),
    );
    this.#handOver.noteReports();
  }

  /** Bounds every user of a producer, record by record: each record needs a free slot. */
  #full(): PipelineError | null {
    const { queueRecordsMax, queueBytesMax } = this.#options;
    if (this.#slots.records < queueRecordsMax && this.#slots.bytes < queueBytesMax) return null;
    return new PipelineError(
      "overloaded",
      `Cannot publish: ${this.#slots.records} records with ${this.#slots.bytes} bytes wait for ` +
        `acknowledgement, at most ${queueRecordsMax} with ${queueBytesMax} may`,
    );
  }

  #away(topic: string): PipelineError {
    const state = this.#isClosed ? "the producer is closed" : "no broker has answered yet";
    return new PipelineError("broker_unavailable", `Cannot publish to "${topic}": ${state}`);
  }

  #create(): NativeProducer {
    const client = new this.#library.Producer(
      producerConfig(this.#connection, this.#options),
      recordConfig(this.#connection, this.#options),
    );
    client.on("delivery-report", (error, report) => this.#onReport(error, report));
    client.on("event.error", (error) => {
      // A client that is being closed or was replaced may report the error again.
      if (client === this.#client && readClientError(error).isFatal)
        this.#renew(pipelineError("Cannot go on publishing", error));
    });
    const { onLog } = this.#options;
    if (onLog !== undefined) client.on("event.log", (line: unknown) => onLog(logLine(line)));
    return client;
  }

  /** Called without an argument when acknowledgements are packed, else with one failed record. */
  #onReport(error: unknown, report: DeliveryReport | undefined): void {
    if (report === undefined) return this.#takeReports();
    const slot = report.opaque as number;
    const refusal = pipelineError(`Cannot publish to "${report.topic}"`, error);
    const record = { bytes: this.#slots.bytesOf(slot), isLast: this.#slots.records === 1 };
    const failure = this.#batchLimit.judge(refusal, record);
    this.#slots.settle(slot, failure);
    this.#handOver.noteReports();
    if (readClientError(error).isFatal) this.#renew(failure);
  }

  #limitBatches(): void {
    const client = this.#client?._client;
    if (client !== undefined) this.#library.packed.limitBatches(client, this.#batchLimit.bytesMax);
  }

  #close(client: NativeProducer, timeoutMs: number): Promise<boolean> {
    this.#library.packed.announceReports(client._client, null);
    if (this.#bell !== null) this.#bell.ring = null;
    return closeClient((done) => client.disconnect(NATIVE_FLUSH_MS, done), timeoutMs);
  }

  /** Replaces a dead client by a new one; until then records are refused. */
  #renew(error: PipelineError): void {
    const dead = this.#client;
    if (dead === null || this.#isClosed) return;
    this.#client = null;
    this.#handOver.drop();
    this.#options.onFatal?.(error);
    this.#renewal = (async () => {
      await this.#close(dead, ABANDON_TIMEOUT_MS);
      // The slots are reused; a late report would settle the wrong record.
      dead.removeAllListeners("delivery-report");
      this.#slots.settleAll(error); // All belong to the dead client: no new client exists yet.
      const waitMs = this.#renewedAt + RENEWAL_INTERVAL_MS_MIN - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      this.#renewedAt = performance.now();
      if (!this.#isClosed) await this.connect(true);
    })();
  }
}

/** Rings when there are reports; emptied when the client ends. */
interface Bell {
  ring: (() => void) | null;
}

/** The addon never lets go of a callback: this one keeps nothing alive but an empty bell. */
function bellCallback(bell: Bell): () => void {
  return () => bell.ring?.();
}
