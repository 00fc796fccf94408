/** Readiness must not stay wrong for ever. */
import { PipelineError, type Log } from "@tally/shared";
import { TroubleMemory } from "@tally/shared/kafka";
import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { watchBroker, type Broker } from "./broker.ts";
import { PartitionStates, type Parcel } from "./partition_states.ts";
import { FakeProducer } from "../testing/fake_producer.ts";

const WINDOW = { bytesStart: 1000, bytesMin: 100, bytesMax: 10_000, deliveryMs: 2500 };
const STEP_MS = 50;
/** Of a record and of a request. */
const DEADLINE_MS = 5000;
const clock = { ms: 0 };
const brokers: Broker[] = [];
const sent: { parcel: Parcel; atMs: number }[] = [];
beforeEach(() => {
  clock.ms = 0;
  sent.length = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  brokers.splice(0).forEach((broker) => broker.stop());
  jest.useRealTimers();
});

async function watch(producer: FakeProducer) {
  const now = () => clock.ms;
  const partitions = new PartitionStates(WINDOW);
  const write = () => undefined;
  const broker = await watchBroker({
    producer,
    topic: "events",
    partitions,
    troubles: new TroubleMemory({ bootstrapServers: "kafka:9092" }, now),
    findTopicTrouble: () => Promise.resolve(null),
    probeIntervalMs: 500,
    probeTimeoutMs: 100,
    now,
    log: { info: write, warn: write, error: write } as unknown as Log,
  });
  brokers.push(broker);
  return { broker, partitions };
}

/** A client that sends an event to each of these partitions every 100 ms, while a broker hangs. */
async function sendInVain(partitions: PartitionStates, keys: readonly number[], ms: number) {
  const unanswered = new PipelineError("broker_unavailable", "Local: Message timed out");
  for (let left = ms; left > 0; left -= STEP_MS) {
    clock.ms += STEP_MS;
    jest.advanceTimersByTime(STEP_MS);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    while (sent[0] !== undefined && clock.ms - sent[0].atMs >= DEADLINE_MS) {
      const [{ parcel }] = sent.splice(0, 1) as [(typeof sent)[0]];
      partitions.settle(parcel, unanswered, clock.ms);
    }
    if (clock.ms % 100 !== 0) continue;
    for (const partition of keys) {
      const parcel: Parcel = { partition, bytes: 1, records: 1, onStuck: null };
      if (partitions.admit([parcel], clock.ms) === "admitted")
        sent.push({ parcel, atMs: clock.ms });
    }
  }
}

const pass = (partitions: PartitionStates, ms: number) => sendInVain(partitions, [], ms);

test("watchBroker() is not ready when no broker has answered for ten minutes, although requests try", async () => {
  const producer = new FakeProducer();
  const { broker, partitions } = await watch(producer);
  expect(broker.isReady).toBe(true);

  producer.reachable = false; // It hangs: connections stay, or are taken, and nothing answers.
  await sendInVain(partitions, [0], 600_000); // All events of one session, or of a few.

  expect(broker.isReady).toBe(false);
});

test("watchBroker() is not ready when no broker answers and one partition of six gets no events", async () => {
  const producer = new FakeProducer();
  const { broker, partitions } = await watch(producer);

  producer.reachable = false;
  await sendInVain(partitions, [0, 1, 2, 3, 4], 600_000);

  expect(broker.isReady).toBe(false);
});

test("watchBroker() is ready again without a request when Kafka is whole again", async () => {
  const producer = new FakeProducer();
  const { broker, partitions } = await watch(producer);

  producer.reachable = false;
  await sendInVain(partitions, [0, 1, 2, 3, 4, 5], 60_000);
  expect(broker.isReady).toBe(false);
  // A balancer that checks /health/ready sends nothing from here on.
  await pass(partitions, DEADLINE_MS);
  producer.reachable = true;
  await pass(partitions, 3_600_000);

  expect(broker.isReady).toBe(true);
});
