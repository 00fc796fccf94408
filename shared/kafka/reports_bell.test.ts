/** Reports are taken when there are some: neither none of them, nor those of another client. */
import { expect, test } from "bun:test";
import type { PipelineError } from "../error.ts";
import { type FakeProducer, fakeLibrary, SMALL_PRODUCER } from "./testing/fake_client.ts";
import { createProducer } from "./connect.ts";
import type { Delivery } from "./producer.ts";

const FATAL = { code: -150, message: "Local: Fatal error" };
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

test("createProducer() makes a producer that takes no report of a client that is gone", async () => {
  const { library, made } = fakeLibrary();
  const bells: (() => void)[] = [];
  const packed = {
    ...library.packed,
    announceReports: (_: object, ring: (() => void) | null) => void (ring && bells.push(ring)),
  };
  const producer = await createProducer(
    { ...library, packed },
    { bootstrapServers: "x:1" },
    SMALL_PRODUCER,
  );
  const record = { key: "key", value: Buffer.from("value"), timestampMs: 1 };
  const first: (Delivery | PipelineError)[] = [];
  producer.produceBatch("events", [record], (_, outcome) => first.push(outcome));
  await endOfTurn();
  const dead = made[0] as FakeProducer;
  dead.emit("event.error", FATAL);
  await producer.flush(1000);
  while ((await producer.readTopic("events", 10)).kind !== "known") await Bun.sleep(1);
  // What a flush of the dead client found comes late, when its listener is gone: Flush() of
  // addon_packing.cc packs it, and nobody takes it.
  dead.report(0);

  const second: (Delivery | PipelineError)[] = [];
  producer.produceBatch("events", [record], (_, outcome) => second.push(outcome));
  await endOfTurn();
  bells.at(-1)?.(); // Anything to poll for, an error or a line of the log for example.

  expect(second).toEqual([]);
});

test("createProducer() polls for what came while it connected, once its bell is there", async () => {
  const { library, made } = fakeLibrary();
  const calls: string[] = [];
  const packed = {
    ...library.packed,
    announceReports: () => {
      calls.push("announce");
      const [client] = made;
      if (client !== undefined) client.poll = () => (calls.push("poll"), client);
    },
  };
  await createProducer({ ...library, packed }, { bootstrapServers: "x:1" }, SMALL_PRODUCER);

  expect(calls).toEqual(["announce", "poll"]);
});
