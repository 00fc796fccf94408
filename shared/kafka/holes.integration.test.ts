/** What another producer's transactions leave in a log, as a consumer sees it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Marks } from "./assignment_events.ts";
import { testKafka, until, type TestKafka } from "./testing/test_kafka.ts";
import { connectTransactions } from "./testing/transactions.ts";

const START_MS_MAX = 60_000;
let kafka: TestKafka;

beforeAll(async () => {
  kafka = await testKafka();
}, START_MS_MAX);
afterAll(() => kafka.close());

/** Consumes partition 0 from an offset until its end is reached. */
async function readToEnd(topic: string, { from, end }: { from: bigint; end: bigint }) {
  const consumer = await kafka.consumer({ topic, onAssign: async () => new Map([[0, from]]) });
  const offsets: bigint[] = [];
  const jumps: [number, bigint][] = [];
  let ends: Marks["ends"] = new Map();
  await until(async () => {
    for (const { offset } of await consumer.consume(1000)) offsets.push(offset);
    const marks = consumer.takeMarks();
    jumps.push(...marks.jumps);
    if (marks.ends.size > 0) ends = marks.ends;
    return ends.get(0) === end;
  }, `the end ${end} was not reached`);
  return { offsets, jumps };
}

test("takeMarks() shows the end after a marker, and no jump over holes that the client followed", async () => {
  const topic = await kafka.newTopic(1);
  const producer = await connectTransactions(kafka.connection.bootstrapServers, {
    topic,
    id: topic,
  });
  const record = (value: string) => ({ partition: 0, key: "k", value: Buffer.from(value) });
  // Offsets: 0, marker 1; aborted 2 and 3, marker 4; 5, marker 6; aborted 7, marker 8.
  await producer.run([record("a")], "commit");
  await producer.run([record("b"), record("c")], "abort");
  await producer.run([record("d")], "commit");
  await producer.run([record("e")], "abort");
  await producer.close();

  const whole = await readToEnd(topic, { from: 0n, end: 9n });
  const fromMarker = await readToEnd(topic, { from: 1n, end: 9n });
  const atEnd = await readToEnd(topic, { from: 7n, end: 9n });

  expect(whole).toEqual({ offsets: [0n, 5n], jumps: [] });
  // The first thing after a move shows where the move went: it could have gone too far.
  expect(fromMarker).toEqual({ offsets: [5n], jumps: [[0, 5n]] });
  expect(atEnd).toEqual({ offsets: [], jumps: [[0, 9n]] });
});
