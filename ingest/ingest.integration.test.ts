import {
  decodeRecord,
  isRecordFault,
  loadConfig,
  silentLog,
  type RunningService,
} from "@tally/shared";
import { ownStack, testNames, testStack } from "@tally/stack/testing";
import { measureAwake } from "@tally/stack/testing/awake_time";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { start } from "./main.ts";
import { createTopic, readTopic } from "./testing/read_topic.ts";
import { EVENT, expectProblem, metric, post, until } from "./testing/faked_ingest.ts";

const { topic } = testNames();
let bootstrapServers = "";
let ingest: RunningService;

beforeAll(async () => {
  const stack = await testStack();
  bootstrapServers = stack.kafka.bootstrapServers;
  await createTopic(bootstrapServers, topic);
  ingest = await startReal();
});
afterAll(() => ingest.stop());

async function startReal(env: Record<string, string> = {}): Promise<RunningService> {
  const variables = {
    INGEST_PORT: "0",
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
    KAFKA_TOPIC: topic,
    // Longer than a busy machine may stand still: these tests expect a 202.
    INGEST_REQUEST_DEADLINE_MS: "30000",
    INGEST_SHUTDOWN_MS_MAX: "35000",
    ...env,
  };
  const options = { log: silentLog(), stopNoticeMs: 0 };
  const service = await start(loadConfig(variables, "ingest"), options);
  // A busy broker is reached a moment later; until then requests get 503.
  await until(() => isReady(service.url));
  return service;
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/health/ready`)).ok;
}

/** A batch of events whose ids are numbers from `first`. */
function batch(first: number, count: number, prefix = "n"): string {
  const events = Array.from({ length: count }, (_, at) => ({
    eventId: `${prefix}-${first + at}`,
    sessionId: `session-${(first + at) % 50}`,
    eventType: "page_view",
    payload: { number: first + at, text: "x".repeat(100) },
  }));
  return JSON.stringify(events);
}

/** Ids of the events in the topic that begin with a prefix, in no order. */
async function storedIds(prefix: string): Promise<string[]> {
  const records = await readTopic(bootstrapServers, topic);
  return records.flatMap((record) => {
    const event = decodeRecord(record, "topic");
    return isRecordFault(event) || !event.eventId.startsWith(prefix) ? [] : [event.eventId];
  });
}

describe("a 202", () => {
  test("names the place where the event can be read, with its session's key", async () => {
    const sent =
      '{"sessionId":"sëssion","eventType":"t","payload":"{\\"a\\":[1,\\"ü\\"]}","eventId":"place-1"}';

    const { status, body } = await post(ingest.url, sent);

    expect(status).toBe(202);
    const records = await readTopic(bootstrapServers, topic);
    const record = records.find(
      ({ partition, offset }) => partition === body.partition && String(offset) === body.offset,
    );
    expect(record?.key?.toString()).toBe("sëssion");
    expect(JSON.parse(record?.value?.toString() ?? "")).toMatchObject({
      eventId: "place-1",
      payload: { a: [1, "ü"] },
    });
  });

  test("of a batch means that every event is in the log, in one partition per session", async () => {
    const { status, body } = await post(ingest.url, batch(0, 5000, "many"));

    expect(status).toBe(202);
    const results = body.results as { eventId: string; partition: number; offset: string }[];
    const records = await readTopic(bootstrapServers, topic);
    const byPlace = new Map(
      records.map((record) => [`${record.partition}/${record.offset}`, record]),
    );
    for (const { eventId, partition, offset } of results) {
      expect(byPlace.get(`${partition}/${offset}`)?.value?.toString()).toContain(`"${eventId}"`);
    }
    const partitions = new Map<string, Set<number>>();
    for (const { key, partition } of records) {
      const session = key?.toString() ?? "";
      partitions.set(session, (partitions.get(session) ?? new Set()).add(partition));
    }
    expect([...partitions.values()].every(({ size }) => size === 1)).toBe(true);
  });
});

describe("a graceful stop under load", () => {
  test("loses no event that got a 202, and every request gets an answer or a refused connection", async () => {
    const service = await startReal();
    const accepted: string[] = [];
    const statuses = new Set<number>();
    let isOver = false;
    let sent = 0;
    const senders = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const first = (sent += 20);
        try {
          const { status, body } = await post(service.url, batch(first, 20, "stop"));
          statuses.add(status);
          if (status !== 202) continue;
          accepted.push(...(body.results as { eventId: string }[]).map(({ eventId }) => eventId));
        } catch {
          // Nobody listens any more.
          return;
        }
      }
    });
    await until(() => accepted.length > 2000);

    await service.stop();
    isOver = true;
    await Promise.all(senders);

    expect([...statuses]).toEqual([202]);
    const stored = new Set(await storedIds("stop-"));
    expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
  });

  test("ends the process with 0 after SIGTERM", async () => {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts")], {
      env: {
        ...Bun.env,
        INGEST_PORT: "0",
        KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
        KAFKA_TOPIC: topic,
      },
      stdout: "pipe",
    });
    const output = child.stdout.getReader();
    const { value } = await output.read();
    const { url } = JSON.parse(Buffer.from(value ?? []).toString()) as { url: string };
    await until(() => isReady(url));
    expect((await post(url, EVENT)).status).toBe(202);

    child.kill("SIGTERM");

    expect(await child.exited).toBe(0);
  });
});

test("the entry point prints all problems of the configuration and exits with 1", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "main.ts")], {
    env: { ...Bun.env, INGEST_PORT: "x", KAFKA_TOPIC: "a b" },
    stdout: "pipe",
  });

  const output = await new Response(child.stdout).text();

  expect(await child.exited).toBe(1);
  expect(output).toContain("INGEST_PORT must be");
  expect(output).toContain("KAFKA_TOPIC must be");
});

test("memory stays bounded over 200,000 events", async () => {
  const send = async (from: number): Promise<void> => {
    for (let at = 0; at < 20; at++) {
      const answer = await post(ingest.url, batch(from + at * 1000, 1000, "soak"), {
        prefer: "return=minimal",
      });
      expect(answer.status).toBe(202);
    }
  };
  const rss = (): number => {
    Bun.gc(true);
    return process.memoryUsage.rss();
  };
  await Promise.all([send(0), send(20_000)]);
  const before = rss();

  for (let round = 1; round < 5; round++)
    await Promise.all([send(round * 40_000), send(round * 40_000 + 20_000)]);

  expect(rss() - before).toBeLessThan(50_000_000);
});

test("Kafka away: 503 within the deadline, then at once; Kafka back: 202 again", async () => {
  const stack = await ownStack({ use: ["kafka"] });
  const names = testNames();
  await createTopic(stack.kafka.bootstrapServers, names.topic);
  const service = await startReal({
    KAFKA_BOOTSTRAP_SERVERS: stack.kafka.bootstrapServers,
    KAFKA_TOPIC: names.topic,
    INGEST_REQUEST_DEADLINE_MS: "2000",
  });
  expect((await post(service.url, EVENT)).status).toBe(202);

  await stack.kafka.kill();
  const first = await measureAwake(() => post(service.url, EVENT));
  expectProblem(first.value, "broker_unavailable");
  expect(first.ms).toBeLessThan(4000);
  await until(async () => (await fetch(`${service.url}/health/ready`)).status === 503);
  const again = await measureAwake(async () => {
    for (let at = 0; at < 100; at++)
      expectProblem(await post(service.url, EVENT), "broker_unavailable");
  });
  expect(again.ms).toBeLessThan(2000);

  await stack.kafka.start();
  await until(async () => (await post(service.url, EVENT)).status === 202);
  await until(async () => (await metric(service.url, "ingest_in_flight_records")) === 0);

  await service.stop();
  await stack.stop();
}, 60_000);
