import { monotonicNow, type AcceptedEvent } from "@tally/shared";
import { afterEach, describe, expect, test } from "bun:test";
import { Admission } from "./cluster/admission.ts";
import { Deadlines, type Deadline } from "./deadline.ts";
import { PartitionStates, STALL_MS } from "./cluster/partition_states.ts";
import { FakeProducer, HEALTHY } from "./testing/fake_producer.ts";
import { publish, type PublishRefusal } from "./publish.ts";
import { queueRoom } from "./record_queue.ts";

const EVENT: AcceptedEvent = {
  eventId: "e",
  sessionId: "sß",
  eventType: "t",
  ts: "2026-01-31T07:00:00.000Z",
  receivedAt: "2026-01-31T07:00:00.000Z",
  payload: "1",
};

const WINDOW = { bytesStart: 100_000, bytesMin: 1000, bytesMax: 1_000_000, deliveryMs: 2500 };

function createAdmission(partitions = createPartitions(), now = () => 0): Admission {
  return new Admission({ partitions, waitingBytesMax: 100_000, now });
}

/** Six partitions that store records. */
function createPartitions(): PartitionStates {
  const partitions = new PartitionStates(WINDOW);
  partitions.update(Array(6).fill(HEALTHY), 0);
  return partitions;
}

const deadlines: Deadline[] = [];
afterEach(() => deadlines.splice(0).forEach((deadline) => deadline.clear()));

function run(
  producer: FakeProducer,
  count: number,
  limits: {
    queueRecordsMax?: number;
    queueBytesMax?: number;
    deadlineMs?: number;
    admission?: Admission;
  } = {},
) {
  const deadline = new Deadlines(limits.deadlineMs ?? 60_000, monotonicNow).begin();
  deadlines.push(deadline);
  const events = Array.from({ length: count }, (_, at) => ({ ...EVENT, eventId: `e${at}` }));
  return publish(
    { events },
    {
      producer,
      topic: "events",
      hasRoom: queueRoom(producer, {
        queueRecordsMax: limits.queueRecordsMax ?? 100,
        queueBytesMax: limits.queueBytesMax ?? 100_000,
      }),
      admission: limits.admission ?? createAdmission(),
      partitions: 6,
      receivedAtMs: 5,
      failureCode: ({ code }) => code,
      deadline,
    },
  );
}

/** Whether the promise is settled by now, without waiting for it. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol("pending");
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe("publish()", () => {
  test("hands over nothing when the partition of an event has no leader", async () => {
    const producer = new FakeProducer();
    const partitions = createPartitions();
    partitions.update(Array(6).fill({ ...HEALTHY, leader: -1 }), 0);

    const outcome = await run(producer, 1, { admission: createAdmission(partitions) });

    expect(outcome).toMatchObject({ code: "broker_unavailable", isUnknown: false });
    expect(producer.log).toEqual([]);
  });

  test("does not wait for the deadline when the partition turns out to store nothing", async () => {
    const producer = new FakeProducer();
    producer.answering = "hold";
    const partitions = createPartitions();
    const outcome = run(producer, 1, { admission: createAdmission(partitions) });

    partitions.check(STALL_MS + 1);

    expect(await outcome).toMatchObject({ code: "broker_unavailable", isUnknown: true });
  });

  test("gives places in the order of the events when all are acknowledged", async () => {
    const producer = new FakeProducer();

    expect(await run(producer, 3)).toEqual({
      kind: "published",
      deliveries: [
        { partition: 0, offset: 0n },
        { partition: 0, offset: 1n },
        { partition: 0, offset: 2n },
      ],
    });
    expect(producer.log.map(({ key, timestampMs }) => [key, timestampMs])).toEqual(
      Array(3).fill(["sß", 5]),
    );
  });

  test("is pending while one report is missing", async () => {
    const producer = new FakeProducer();
    producer.answering = "hold";
    const outcome = run(producer, 3);

    producer.answerHeld("acknowledge", 2);
    expect(await isSettled(outcome)).toBe(false);
    producer.answerHeld("acknowledge", 1);

    expect(await outcome).toMatchObject({ kind: "published", deliveries: { length: 3 } });
  });

  test("refuses with isUnknown when one record of several fails", async () => {
    const producer = new FakeProducer();
    producer.answering = "hold";
    const outcome = run(producer, 3);

    producer.answerHeld("acknowledge", 1);
    producer.answerHeld("broker_rejected", 1);
    producer.answerHeld("broker_unavailable", 1);

    expect(await outcome).toEqual({
      kind: "refused",
      code: "broker_unavailable",
      codes: new Set(["broker_rejected", "broker_unavailable"] as const),
      isUnknown: true,
    });
  });

  test("refuses with broker_unavailable when no ack arrives in time, and ignores late reports", async () => {
    const producer = new FakeProducer();
    producer.answering = "hold";

    expect(await run(producer, 2, { deadlineMs: 1 })).toMatchObject({
      code: "broker_unavailable",
      isUnknown: true,
    });
    expect(producer.queuedRecords).toBe(2);
    producer.answerHeld();

    expect(producer.log).toHaveLength(2);
  });

  test("hands nothing over when records or bytes would exceed the queue", async () => {
    const producer = new FakeProducer();
    const overloaded: PublishRefusal = {
      kind: "refused",
      code: "overloaded",
      codes: new Set(["overloaded"] as const),
      isUnknown: false,
    };

    expect(await run(producer, 3, { queueRecordsMax: 2 })).toEqual(overloaded);
    expect(await run(producer, 3, { queueBytesMax: 300 })).toEqual(overloaded);
    expect(producer.log).toEqual([]);
  });
});
