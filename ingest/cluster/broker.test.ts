import { PipelineError, type Log } from "@tally/shared";
import { TroubleMemory, type Trouble } from "@tally/shared/kafka";
import { afterEach, describe, expect, test } from "bun:test";
import { watchBroker, type Broker } from "./broker.ts";
import { PartitionStates, type Parcel } from "./partition_states.ts";
import { FakeProducer, HEALTHY } from "../testing/fake_producer.ts";
import { until } from "../testing/faked_ingest.ts";

const WINDOW = { bytesStart: 1000, bytesMin: 100, bytesMax: 10_000, deliveryMs: 2500 };
const MISSING: Trouble = { kind: "topic_missing", advice: "create the topic", detail: "events" };

const brokers: Broker[] = [];
afterEach(() => brokers.splice(0).forEach((broker) => broker.stop()));

/** Watches a cluster that the test controls. Its clock runs a hundred times as fast as time. */
async function watch(producer: FakeProducer, clock?: { ms: number }) {
  const startedMs = performance.now();
  const now = () => clock?.ms ?? (performance.now() - startedMs) * 100;
  const partitions = new PartitionStates(WINDOW);
  const lines: string[] = [];
  const write = (fields: { reason?: string }, text: string) =>
    void lines.push(`${text} ${fields.reason ?? ""}`);
  const broker = await watchBroker({
    producer,
    topic: "events",
    partitions,
    troubles: new TroubleMemory("kafka:9092", now),
    findTopicTrouble: () => Promise.resolve(MISSING),
    probeIntervalMs: 2,
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
    await until(() => lines.length === 1);
    producer.reachable = true;
    await until(() => broker.isReady);
    await until(() => lines.length === 2);
    expect(broker.reason).toBeNull();
    producer.reachable = false;
    await until(() => !broker.isReady && lines.length === 3);

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
    await until(() => lines.length === 1);
    producer.partitions = [HEALTHY];
    await until(() => broker.isReady);
  });

  test("stays ready while one partition of several has no leader, and names it", async () => {
    const producer = new FakeProducer();
    const { broker } = await watch(producer);

    producer.partitions = [HEALTHY, { ...HEALTHY, leader: -1 }, HEALTHY];
    await until(() => broker.reason !== null);

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
    const failed = parcel(0);
    partitions.admit([failed], now());

    partitions.settle(failed, new PipelineError("broker_unavailable", "timed out"), now());
    await until(() => !broker.isReady);
    // A probe that succeeds does not hide that records are not acknowledged.
    await Bun.sleep(60);
    expect(broker.isReady).toBe(false);
    expect(broker.reason?.text).toContain("min.insync.replicas");
    const stored = parcel(0);
    await until(() => partitions.admit([stored], now()) === "admitted");
    partitions.settle(stored, { partition: 0, offset: 1n }, now());
    await until(() => broker.isReady);
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
    await until(() => !broker.isReady);

    expect(broker.reason).toMatchObject({ text: remedy, isForOperator: true });
    expect(broker.acceptsAny()).toBe(true);
    // delivery_failure.ts has logged it.
    expect(lines).toEqual([]);
  });

  test("follows a new state only when it has lasted", async () => {
    const producer = new FakeProducer();
    const clock = { ms: 0 };
    const { broker, partitions } = await watch(producer, clock);
    const { partitions: healthy } = producer;

    producer.partitions = [{ ...HEALTHY, leader: -1 }];
    await until(() => partitions.storable === 0);
    // Longer than two looks at the state, of which each could change it.
    await Bun.sleep(600);
    const atFirst = broker.isReady;
    clock.ms += 1000;
    await until(() => !broker.isReady);
    producer.partitions = healthy;
    await until(() => partitions.storable === healthy.length);
    await Bun.sleep(600);
    const justAfter = broker.isReady;
    clock.ms += 2000;
    await until(() => broker.isReady);

    expect([atFirst, justAfter]).toEqual([true, false]);
  });

  test("stays ready for as long as the change of a leader may take", async () => {
    const producer = new FakeProducer();
    const clock = { ms: 0 };
    const { broker, partitions } = await watch(producer, clock);

    for (let leader = 1; leader <= 6; leader++) partitions.loseLeader(leader);
    producer.reachesLeader = () => Promise.resolve(false);
    await until(() => partitions.storable === 0);
    await Bun.sleep(600);
    clock.ms += 9000;
    await Bun.sleep(600);
    const duringSession = broker.isReady;
    clock.ms += 2000;
    await until(() => !broker.isReady);

    expect([duringSession, broker.acceptsAny()]).toEqual([true, false]);
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

    broker.stop();
    const before = probes;
    // Nothing can be waited for here: the pause is many times the interval.
    await Bun.sleep(20);

    expect(probes).toBe(before);
  });
});
