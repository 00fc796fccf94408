import { PipelineError, type Log } from "@tally/shared";
import { TroubleMemory, type Trouble } from "@tally/shared/kafka";
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { watchBroker, type Broker } from "./broker.ts";
import { PartitionStates, type Parcel } from "./partition_states.ts";
import { FakeProducer, HEALTHY } from "../testing/fake_producer.ts";

const WINDOW = { bytesStart: 1000, bytesMin: 100, bytesMax: 10_000, deliveryMs: 2500 };
const MISSING: Trouble = { kind: "topic_missing", advice: "create the topic", detail: "events" };
/** Shorter than every interval of the watch. */
const STEP_MS = 50;

const clock = { ms: 0 };
const brokers: Broker[] = [];
beforeEach(() => {
  clock.ms = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  brokers.splice(0).forEach((broker) => broker.stop());
  jest.useRealTimers();
});

/** Lets time pass and everything run that is due meanwhile. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    clock.ms += STEP_MS;
    jest.advanceTimersByTime(STEP_MS);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}

/** Watches a cluster that the test controls. */
async function watch(producer: FakeProducer) {
  const now = () => clock.ms;
  const partitions = new PartitionStates(WINDOW);
  const lines: string[] = [];
  const write = (fields: { reason?: string }, text: string) =>
    void lines.push(`${text} ${fields.reason ?? ""}`);
  const broker = await watchBroker({
    producer,
    topic: "events",
    partitions,
    troubles: new TroubleMemory({ bootstrapServers: "kafka:9092" }, now),
    findTopicTrouble: () => Promise.resolve(MISSING),
    probeIntervalMs: 500,
    probeTimeoutMs: 100,
    now,
    log: { info: write, warn: write, error: write } as unknown as Log,
  });
  brokers.push(broker);
  return { broker, partitions, lines, now };
}

const parcel = (partition: number): Parcel => ({ partition, bytes: 1, records: 1, onStuck: null });

describe("watchBroker()", () => {
  test("knows the state at once and follows its changes, with one line for each", async () => {
    const producer = new FakeProducer();
    producer.reachable = false;
    const { broker, lines } = await watch(producer);

    expect([broker.isReady, broker.acceptsAny()]).toEqual([false, false]);
    expect(broker.reason?.text).toBe("Kafka does not answer");
    await pass(2500);
    expect(lines).toHaveLength(1);
    producer.reachable = true;
    await pass(3000);
    expect([broker.isReady, broker.reason, lines.length]).toEqual([true, null, 2]);
    producer.reachable = false;
    await pass(3000);

    expect(broker.isReady).toBe(false);
    expect(lines).toEqual([
      "Kafka can't store events; requests are answered with 503. Kafka does not answer",
      "Kafka stores events again. ",
      "Kafka can't store events; requests are answered with 503. Kafka does not answer",
    ]);
  });

  test("is not ready when the topic does not exist, and says so", async () => {
    const producer = new FakeProducer();
    producer.partitions = [];

    const { broker, lines } = await watch(producer);

    expect([broker.isReady, broker.acceptsAny()]).toEqual([false, false]);
    expect(broker.reason).toMatchObject({ text: "create the topic", isForOperator: true });
    await pass(2500);
    expect(lines).toHaveLength(1);
    producer.partitions = [HEALTHY];
    await pass(3000);
    expect(broker.isReady).toBe(true);
  });

  test("stays ready while one partition of several has no leader, and names it", async () => {
    const producer = new FakeProducer();
    const { broker } = await watch(producer);

    producer.partitions = [HEALTHY, { ...HEALTHY, leader: -1 }, HEALTHY];
    await pass(60_000);

    expect([broker.isReady, broker.acceptsAny()]).toEqual([true, true]);
    expect(broker.reason).toMatchObject({
      kind: "cluster",
      text: "1 of 3 partitions have no leader",
    });
  });

  test("is not ready when every partition failed, until one has stored a record", async () => {
    const producer = new FakeProducer();
    producer.partitions = [HEALTHY];
    const { broker, partitions, now } = await watch(producer);
    // Fewer replicas than there should be: nothing says that it stores again.
    producer.partitions = [{ ...HEALTHY, inSync: 1 }];
    await pass(1000);
    const failed = parcel(0);
    partitions.admit([failed], now());

    partitions.settle(failed, new PipelineError("broker_unavailable", "timed out"), now());
    await pass(11_000);
    const afterFailure = broker.isReady;
    // Probes that succeed do not hide that records are not acknowledged.
    await pass(60_000);
    const afterProbes = broker.isReady;
    const reason = broker.reason?.text;
    const stored = parcel(0);
    const verdict = partitions.admit([stored], now());
    partitions.settle(stored, { partition: 0, offset: 1n }, now());
    await pass(3000);

    expect([afterFailure, afterProbes]).toEqual([false, false]);
    expect(reason).toContain("min.insync.replicas");
    expect([verdict, broker.isReady]).toEqual(["admitted", true]);
  });

  test("stays ready while probes get no answer behind records that wait for a dead replica", async () => {
    const producer = new FakeProducer();
    producer.partitions = [HEALTHY, { ...HEALTHY, leader: 2 }];
    const { broker, partitions, now } = await watch(producer);
    const waiting = parcel(0);
    partitions.admit([waiting], now());
    partitions.loseLeader(2);

    producer.reachable = false;
    await pass(9000);
    const meanwhile = broker.isReady;
    partitions.settle(waiting, { partition: 0, offset: 1n }, now());
    producer.reachable = true;
    await pass(3000);
    const after = broker.isReady;
    partitions.admit([parcel(0)], now());
    partitions.loseLeader(HEALTHY.leader);
    producer.reachable = false;
    await pass(2500);

    expect([meanwhile, after, broker.isReady]).toEqual([true, true, false]);
  });

  test("names a missing right when Kafka refused records for it", async () => {
    const producer = new FakeProducer();
    producer.partitions = [HEALTHY];
    const { broker, partitions, lines, now } = await watch(producer);
    const refused = parcel(0);
    partitions.admit([refused], now());
    const remedy = "Allow this service's user to write to the topic.";

    const error = new PipelineError("broker_misconfigured", "refused", { remedy });
    partitions.settle(refused, error, now());
    await pass(3000);

    expect(broker.isReady).toBe(false);
    expect(broker.reason).toMatchObject({ text: remedy, isForOperator: true });
    expect(broker.acceptsAny()).toBe(true);
    // delivery_failure.ts has logged it.
    expect(lines).toEqual([]);
  });

  test("follows a new state only when it has lasted", async () => {
    const producer = new FakeProducer();
    const { broker } = await watch(producer);
    const { partitions: healthy } = producer;

    producer.partitions = [{ ...HEALTHY, leader: -1 }];
    await pass(1000);
    const atFirst = broker.isReady;
    await pass(1000);
    const whenLost = broker.isReady;
    producer.partitions = healthy;
    await pass(2000);
    const justAfter = broker.isReady;
    await pass(1000);

    expect([atFirst, whenLost, justAfter, broker.isReady]).toEqual([true, false, false, true]);
  });

  test("stays ready for as long as the change of a leader may take", async () => {
    const producer = new FakeProducer();
    const { broker, partitions } = await watch(producer);

    partitions.loseLeader(HEALTHY.leader);
    producer.reachesLeader = () => Promise.resolve(false);
    await pass(9000);
    const duringSession = broker.isReady;
    await pass(2000);

    expect([duringSession, broker.isReady, broker.acceptsAny()]).toEqual([true, false, false]);
  });

  test("sends no probe after stop()", async () => {
    const producer = new FakeProducer();
    let probes = 0;
    const { readTopic } = producer;
    producer.readTopic = () => {
      probes++;
      return readTopic.call(producer);
    };
    const { broker } = await watch(producer);
    await pass(2000);

    broker.stop();
    const before = probes;
    await pass(60_000);

    expect(before).toBeGreaterThan(2);
    expect(probes).toBe(before);
  });
});
