/** Two ingests, one of three processes, with keys on, against a real PostgreSQL and Kafka. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { testNames, testStack, type Server } from "@tally/stack/testing";
import { measureAwake } from "@tally/stack/testing/awake_time";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeyDatabase, type KeyDatabase } from "../keys/testing/key_database.ts";
import { EVENT, until } from "../testing/faked_ingest.ts";
import { createTopic } from "../testing/read_topic.ts";
import { makeSupervised } from "../testing/supervised_ingest.ts";

const START_MS_MAX = 120_000;
/** Enough new connections that each of three processes gets some. */
const REQUESTS = 40;
const { topic } = testNames();
let folder = "";
let database: KeyDatabase;
let started: Server[] = [];

beforeAll(async () => {
  const { bootstrapServers } = (await testStack()).kafka;
  await createTopic(bootstrapServers, topic);
  database = await createKeyDatabase();
  folder = await mkdtemp(join(tmpdir(), "tally-ingest-keys-"));
}, START_MS_MAX);
afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
  started = [];
  await database.close();
  await rm(folder, { recursive: true });
});

async function startIngest(processes: number): Promise<string> {
  const { kafka } = await testStack();
  const ingest = await makeSupervised({
    folder,
    env: {
      ...Bun.env,
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers,
      KAFKA_TOPIC: topic,
      INGEST_PROCESSES: String(processes),
      TALLY_KEYS: "on",
      INGEST_KEYS_DATABASE_URL: database.reader.url,
      INGEST_KEYS_FILE: join(folder, `keys-${processes}.json`),
    },
  });
  started.push(ingest.server);
  await ingest.server.start();
  await until(async () => (await fetch(`${ingest.url}/health/ready`)).ok);
  return ingest.url;
}

/** The statuses of many requests, each over a connection of its own. */
async function statuses(url: string, key: string): Promise<ReadonlySet<number>> {
  const send = async () => {
    const response = await fetch(`${url}/events`, {
      method: "POST",
      body: EVENT,
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${key}`,
        connection: "close",
      },
      keepalive: false,
    });
    await response.arrayBuffer();
    return response.status;
  };
  return new Set(await Promise.all(Array.from({ length: REQUESTS }, send)));
}

test(
  "every process of two ingests refuses a revoked key within 5 s",
  async () => {
    const key = await database.create("shop");
    const other = await database.create("other");
    const urls = await Promise.all([startIngest(3), startIngest(1)]);
    const all = async (text: string, status: number) => {
      const found = await Promise.all(urls.map((url) => statuses(url, text)));
      return found.every((each) => each.size === 1 && each.has(status));
    };
    expect(await eventually(() => all(key, 202), 10_000)).toBe(true);

    const revoked = await measureAwake(async () => {
      await database.revoke("shop");
      return await eventually(() => all(key, 401), 30_000);
    });

    expect(revoked.value).toBe(true);
    expect(revoked.ms).toBeLessThan(6000);
    expect(await all(other, 202)).toBe(true);
  },
  START_MS_MAX,
);
