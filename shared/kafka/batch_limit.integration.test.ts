/** A topic that takes less than a batch of the client: its records are not to blame. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { testStack } from "@tally/stack/testing";
import { PipelineError } from "../error.ts";
import { publish, testKafka, textRecord, type TestKafka } from "./testing/test_kafka.ts";

const TOPIC_BYTES_MAX = 200_000;
const RECORD_BYTES = 8000;
/** Together far more than a batch, and than what the topic takes. */
const RECORDS = 500;
/** 1,000,000 bytes are halved at most this often before a batch fits. */
const REFUSED_ROUNDS_MAX = 6;

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await testKafka((await testStack()).kafka.bootstrapServers);
}, 60_000);
afterAll(() => kafka.close());

test("produceBatch() makes batches that the topic takes after it has refused some", async () => {
  const topic = await kafka.newTopic(1, { "max.message.bytes": String(TOPIC_BYTES_MAX) });
  const producer = await kafka.producer({ compression: "none" });
  const records = Array.from({ length: RECORDS }, () => textRecord("x".repeat(RECORD_BYTES), "k"));
  const rounds: PipelineError[][] = [];

  do {
    const outcomes = await publish(producer, topic, records);
    rounds.push(outcomes.filter((outcome) => outcome instanceof PipelineError));
    await Bun.sleep(100); // As long as refusals count as those of batches that were under way.
  } while (rounds.at(-1)?.length !== 0 && rounds.length <= REFUSED_ROUNDS_MAX);

  expect(rounds[0]?.length).toBeGreaterThan(0);
  expect(rounds[0]?.[0]).toMatchObject({
    code: "broker_misconfigured",
    message: expect.stringContaining("the batch, not the record of 8001 bytes"),
    remedy: expect.stringContaining("max.message.bytes"),
  });
  expect(rounds.at(-1)).toEqual([]);
}, 60_000);

test("produceBatch() blames a record that is too large for the topic alone", async () => {
  const topic = await kafka.newTopic(1, { "max.message.bytes": String(TOPIC_BYTES_MAX) });
  const producer = await kafka.producer({ compression: "none" });
  const large = textRecord("x".repeat(2 * TOPIC_BYTES_MAX), "k");

  const [outcome] = await publish(producer, topic, [large]);

  expect(outcome).toMatchObject({ code: "broker_rejected", cause: { code: 10 } });
}, 60_000);
