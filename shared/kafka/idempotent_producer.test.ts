import { describe, expect, test } from "bun:test";
import { PipelineError } from "../error.ts";
import type { OutgoingRecord } from "./client_record.ts";
import { type FakeProducer, fakeLibrary, SMALL_PRODUCER } from "./testing/fake_client.ts";
import { createProducer } from "./connect.ts";
import type { Delivery, Producer, ProducerOptions } from "./producer.ts";

const RECORD: OutgoingRecord = { key: "key", value: Buffer.from("value"), timestampMs: 1 };
const FATAL = { code: -150, message: "Local: Fatal error" };
const QUEUE_FULL = { code: -184, message: "Local: Queue full" };
const TIMED_OUT = { code: -192, message: "Local: Message timed out" };

async function producerWith(options: Partial<ProducerOptions> = {}) {
  const { library, made } = fakeLibrary();
  const producer = await createProducer(
    library,
    { bootstrapServers: "x:1" },
    { ...SMALL_PRODUCER, ...options },
  );
  return { producer, made, client: made[0] as FakeProducer };
}

/** Hands over records, when the turn of the event loop ends; the answers so far, by index. */
async function hand(producer: Producer, count: number, answers: (Delivery | PipelineError)[] = []) {
  gather(producer, count, answers);
  await endOfTurn();
  return answers;
}

const isConnected = async (producer: Producer) =>
  (await producer.readTopic("events", 10)).kind === "known";

const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

function gather(producer: Producer, count: number, answers: (Delivery | PipelineError)[] = []) {
  producer.produceBatch("events", Array<OutgoingRecord>(count).fill(RECORD), (index, outcome) => {
    if (answers[index] !== undefined) throw new Error(`record ${index} was answered twice`);
    answers[index] = outcome;
  });
  return answers;
}

const codes = (answers: (Delivery | PipelineError)[]): (string | undefined)[] =>
  Array.from(answers, (answer) => (answer instanceof PipelineError ? answer.code : undefined));

describe("produceBatch()", () => {
  test("produceBatch() matches reports with records when they come in another order", async () => {
    const { producer, client } = await producerWith();
    const first = gather(producer, 2);
    const second = await hand(producer, 2);

    client.report(3);
    client.report(0);
    client.report(2, TIMED_OUT);
    client.report(1);

    expect(first).toEqual([
      { partition: 3, offset: 0n },
      { partition: 3, offset: 1n },
    ]);
    expect(codes(second)).toEqual(["broker_unavailable", undefined]);
    expect(second[1]).toEqual({ partition: 3, offset: 3n });
  });

  test("produceBatch() ignores a second report of one record", async () => {
    const { producer, client } = await producerWith();
    const answers = await hand(producer, 1);

    client.report(0);
    client.report(0);

    expect(answers).toHaveLength(1);
    expect(producer.queuedRecords).toBe(0);
  });

  test("produceBatch() refuses without asking the client when its own places are taken", async () => {
    const { producer, client } = await producerWith({ queueRecordsMax: 3 });

    const answers = await hand(producer, 5);

    expect(codes(answers)).toEqual([undefined, undefined, undefined, "overloaded", "overloaded"]);
    expect(client.handed).toHaveLength(3);
    expect(producer.queuedRecords).toBe(3);
    expect(producer.queuedBytes).toBe(3 * 8);
  });

  test("produceBatch() refuses the rest with overloaded when the client's queue is full", async () => {
    const { producer, client } = await producerWith();
    client.refusal = QUEUE_FULL;

    const answers = await hand(producer, 3);

    expect(codes(answers)).toEqual(["overloaded", "overloaded", "overloaded"]);
    expect(producer.queuedRecords).toBe(0);
  });

  test("produceBatch() refuses one record only when the client refuses it for itself", async () => {
    const { producer, client } = await producerWith();
    client.refusal = { code: 10, message: "Broker: Message size too large" };

    const answers = await hand(producer, 2);

    expect(codes(answers)).toEqual(["broker_rejected"]);
    expect(client.handed).toHaveLength(1);
  });

  test("produceBatch() hands over nothing before the turn ends, then in order", async () => {
    const { producer, client } = await producerWith();

    const first = gather(producer, 1);
    const second = gather(producer, 2);
    const before = client.handed.length;
    await endOfTurn();
    client.report(0);
    client.report(2);

    expect(before).toBe(0);
    expect(client.handed).toHaveLength(3);
    expect(first).toEqual([{ partition: 3, offset: 0n }]);
    expect(second[1]).toEqual({ partition: 3, offset: 2n });
  });

  test("produceBatch() answers what was gathered for a client that died meanwhile", async () => {
    const { producer, client, made } = await producerWith();

    const answers = gather(producer, 2);
    client.emit("event.error", FATAL);
    await producer.flush(1000);
    while (!(await isConnected(producer))) await Bun.sleep(1);

    expect(codes(answers)).toEqual(["broker_unavailable", "broker_unavailable"]);
    expect(made.map(({ handed }) => handed.length)).toEqual([0, 0]);
  });

  test("produceBatch() hands over when disconnect() follows in the same turn", async () => {
    const { producer, client } = await producerWith();

    const answers = gather(producer, 2);
    const closing = producer.disconnect(1000);
    await endOfTurn();
    client.report(0);
    client.report(1, TIMED_OUT);
    await closing;

    expect(codes(answers)).toEqual([undefined, "broker_unavailable"]);
    expect(client.isOpen).toBe(false);
  });

  test("produceBatch() hands a key with a NUL over as bytes", async () => {
    const { producer, client } = await producerWith();
    const headers = [{ key: "h", value: null }];

    const sent = [
      { ...RECORD, key: "a\0b" },
      { ...RECORD, key: "c\0d", headers },
    ];
    producer.produceBatch("events", sent, () => undefined);
    await endOfTurn();

    expect(client.handed.map(({ key }) => key)).toEqual([Buffer.from("a\0b"), Buffer.from("c\0d")]);
  });

  test("produceBatch() keeps the order of records that are packed and of those with headers", async () => {
    const { producer, client } = await producerWith();

    const withHeader = { ...RECORD, key: "1", headers: [{ key: "h", value: null }] };
    producer.produceBatch("events", [RECORD, withHeader, RECORD], () => undefined);
    await endOfTurn();

    expect(client.handed.map(({ key }) => String(key))).toEqual(["key", "1", "key"]);
  });
});

describe("a fatal error", () => {
  test("a fatal error answers what waits, refuses meanwhile and brings a new client", async () => {
    const fatal = Promise.withResolvers<PipelineError>();
    const { producer, made, client } = await producerWith({ onFatal: fatal.resolve });
    const waiting = await hand(producer, 2);

    client.emit("event.error", FATAL);
    const meanwhile = await hand(producer, 1);
    const reported = await fatal.promise;
    await producer.flush(1000);
    while (!(await isConnected(producer))) await Bun.sleep(1);
    const afterwards = await hand(producer, 1);
    made[1]?.report(0);

    expect(reported.code).toBe("broker_unavailable");
    expect(codes(waiting)).toEqual(["broker_unavailable", "broker_unavailable"]);
    expect(codes(meanwhile)).toEqual(["broker_unavailable"]);
    expect(client.isOpen).toBe(false);
    expect(made).toHaveLength(2);
    expect(afterwards).toEqual([{ partition: 3, offset: 0n }]);
  });

  test.each([
    ["thrown", (client: FakeProducer) => void (client.refusal = FATAL)],
    ["in a report", (client: FakeProducer) => client.on("hand", () => client.report(0, FATAL))],
  ])("a fatal error brings a new client when it comes %s", async (_, cause) => {
    const { producer, made, client } = await producerWith();
    cause(client);

    await hand(producer, 1);
    client.emit("hand");
    await producer.flush(1000);
    while (!(await isConnected(producer))) await Bun.sleep(1);

    expect(made).toHaveLength(2);
    await producer.disconnect(100);
  });

  test("a fatal error leaves no late report that answers for a new client's record", async () => {
    const { producer, made, client } = await producerWith();
    await hand(producer, 1);

    client.emit("event.error", FATAL);
    await producer.flush(1000);
    while (!(await isConnected(producer))) await Bun.sleep(1);
    const answers = await hand(producer, 1);
    client.report(0);

    expect(made[1]?.handed[0]?.opaque).toBe(client.handed[0]?.opaque);
    expect(answers).toEqual([]);
    expect(producer.queuedRecords).toBe(1);
  });

  test("a fatal error of a client that was replaced replaces no other", async () => {
    const { producer, made, client } = await producerWith();
    client.emit("event.error", FATAL);
    while (!(await isConnected(producer))) await Bun.sleep(1);

    client.emit("event.error", FATAL);

    expect(await isConnected(producer)).toBe(true);
    expect(made[1]?.isOpen).toBe(true);
  });

  test("a fatal error right after another waits before it brings a client", async () => {
    const { producer, made, client } = await producerWith();
    const isUp = async () => {
      while (!(await isConnected(producer))) await Bun.sleep(1);
    };
    // From before the first: the pause after it may be over before the second one comes.
    const startedAt = performance.now();
    client.emit("event.error", FATAL);
    await isUp();

    made[1]?.emit("event.error", FATAL);
    await isUp();

    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(made).toHaveLength(3);
  });
});

describe("connectProducer()", () => {
  test("connectProducer() rejects with config_invalid when the client can't be made", async () => {
    const { library } = fakeLibrary([{ code: -172, message: "ssl.ca.location failed" }]);

    const error = await createProducer(library, { bootstrapServers: "x:1" }, SMALL_PRODUCER).catch(
      (cause: unknown) => cause,
    );

    expect(error).toHaveProperty("code", "config_invalid");
    expect(error).toHaveProperty("message", expect.stringContaining("ssl.ca.location failed"));
  });

  test("connectProducer() connects later when the first attempts fail", async () => {
    const away = { code: -195, message: "Local: Broker transport failure" };
    const { library, made } = fakeLibrary([away, away]);

    const producer = await createProducer(library, { bootstrapServers: "x:1" }, SMALL_PRODUCER);
    const early = await hand(producer, 1);
    while (!(await isConnected(producer))) await Bun.sleep(1);

    expect(codes(early)).toEqual(["broker_unavailable"]);
    expect(made).toHaveLength(3);
  });

  test("disconnect() ends the attempts when no broker ever came", async () => {
    const away = { code: -195, message: "Local: Broker transport failure" };
    const { library, made } = fakeLibrary(Array.from({ length: 100 }, () => away));
    const producer = await createProducer(library, { bootstrapServers: "x:1" }, SMALL_PRODUCER);

    const startedAt = performance.now();
    await producer.disconnect(1000);

    // It does not wait for the next attempt.
    expect(performance.now() - startedAt).toBeLessThan(50);
    expect(made).toHaveLength(1);
  });
});
