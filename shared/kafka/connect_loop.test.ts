/** A client that could be made once and can't be made at a later attempt: a file is away. */
import { expect, test } from "bun:test";
import type { PipelineError } from "../error.ts";
import { createProducer } from "./connect.ts";
import { fakeLibrary, SMALL_PRODUCER } from "./testing/fake_client.ts";

const CONNECTION = { bootstrapServers: "x:1" };
const AWAY = { code: -195, message: "Local: Broker transport failure" };
const KEY_AWAY = { code: -172, message: "ssl.key.location failed" };
const FATAL = { code: -150, message: "Local: Fatal error" };

/** A producer whose attempts end like this and then succeed, and what it reports. */
async function producerOf(outcomes: (typeof AWAY | null)[]) {
  const { library, made } = fakeLibrary(outcomes);
  const told: PipelineError[] = [];
  const options = { ...SMALL_PRODUCER, onFatal: (error: PipelineError) => told.push(error) };
  const producer = await createProducer(library, CONNECTION, options);
  const connected = async (): Promise<void> => {
    while ((await producer.readTopic("events", 10)).kind !== "known") await Bun.sleep(1);
  };
  return { producer, made, told, connected };
}

test("keepConnecting() goes on when a later attempt can't make the client, and says it once", async () => {
  const { made, told, connected } = await producerOf([AWAY, KEY_AWAY, KEY_AWAY]);

  await connected();

  expect(made).toHaveLength(4);
  expect(told.map(({ code }) => code)).toEqual(["broker_misconfigured"]);
  expect(told[0]?.message).toContain("ssl.key.location failed");
  expect(told[0]?.remedy).toContain("Put back what the Kafka options name");
});

test("keepConnecting() goes on when a client that died can't be made again at once", async () => {
  const { producer, made, told, connected } = await producerOf([null, KEY_AWAY]);

  made[0]?.emit("event.error", FATAL);
  await connected();
  await producer.disconnect(100);

  expect(made).toHaveLength(3);
  expect(told.map(({ code }) => code)).toEqual(["broker_unavailable", "broker_misconfigured"]);
});
