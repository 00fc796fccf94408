/** The quota of a key over an ingest of three processes, through Kafka and PostgreSQL. */
import { eventually } from "@tally/shared";
import { hashKey, newKey, prefixOfKey } from "@tally/shared/keys";
import { testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startReady } from "./service.ts";
import { createSystem, type System } from "./system.ts";

const TEST_MS_MAX = 90_000;
const PER_SECOND = 50;
const BURST = PER_SECOND * 10;
const BATCH = 5;
/** Enough that every process gets some. */
const CONNECTIONS = 24;
/** Ingest reads new keys every 2 s. */
const KEYS_MS_MAX = 15_000;

let system: System;

beforeAll(async () => {
  system = await createSystem({
    stack: await testStack(),
    id: testNames().topic,
    env: Bun.env,
    options: { TALLY_KEYS: "on", INGEST_PROCESSES: "3", S3_ENABLED: "false" },
  });
  await startReady(system.processors);
}, TEST_MS_MAX);
afterAll(() => system.close(), TEST_MS_MAX);

async function addKey(name: string, eventsPerSecond: number | null): Promise<string> {
  const text = newKey();
  await system.sql`insert into api_keys (name, hash, prefix, scopes, events_per_second) values
    (${name}, decode(${hashKey(text)}, 'hex'), ${prefixOfKey(text)}, '{write}',
      ${eventsPerSecond}::integer)`;
  return text;
}

/** Sends events on a connection of its own, so that the kernel spreads them. */
function post(key: string, count: number): Promise<Response> {
  const event = '{"sessionId":"s","eventType":"t","payload":1}';
  return fetch(`${system.ingests[0].url}/events`, {
    method: "POST",
    body: `[${Array(count).fill(event)}]`,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${key}`,
      connection: "close",
    },
  });
}

test(
  "three processes take together what a key may send, nearly all of it, and it becomes rows",
  async () => {
    const [limited, free] = [await addKey("limited", PER_SECOND), await addKey("free", null)];
    await startReady(system.ingests);
    const isKnown = async () => (await post(free, 1)).status === 202;
    expect(await eventually(isKnown, KEYS_MS_MAX)).toBe(true);

    const startedMs = performance.now();
    const statuses: number[] = [];
    const sender = async (): Promise<void> => {
      for (let sent = 0; sent < (BURST / BATCH / CONNECTIONS) * 2; sent++) {
        const response = await post(limited, BATCH);
        statuses.push(response.status);
        expect(response.headers.get("ratelimit-policy")).toBe(`"events";q=${BURST};w=10`);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, sender));
    const seconds = (performance.now() - startedMs) / 1000;
    const others = await Promise.all(Array.from({ length: CONNECTIONS }, () => post(free, 1)));

    const taken = statuses.filter((status) => status === 202).length * BATCH;
    expect(taken).toBeLessThanOrEqual(BURST + PER_SECOND * seconds + BATCH);
    expect(taken).toBeGreaterThanOrEqual(BURST * 0.9);
    expect(new Set(statuses)).toEqual(new Set([202, 429]));
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set([202]));
    const rows = async () => {
      const [{ count }] = await system.sql<[{ count: number }]>`
        select count(*)::integer as count from web_events where source = 'limited'`;
      return count;
    };
    expect(await eventually(async () => (await rows()) >= taken, KEYS_MS_MAX)).toBe(true);
    expect(await rows()).toBe(taken);
  },
  TEST_MS_MAX,
);
