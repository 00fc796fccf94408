/** Ingest as a supervisor with three workers, as production starts it, against a real Kafka. */
import { decodeRecord, eventually, isRecordFault } from "@tally/shared";
import {
  isRunning,
  LOOPBACK,
  REAL_SERVICES,
  signalProcess,
  testNames,
  testStack,
  type Server,
} from "@tally/stack/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT, metric, post, until } from "../testing/faked_ingest.ts";
import { startLoad } from "../testing/load.ts";
import { createTopic, readTopic } from "../testing/read_topic.ts";
import { attack, ATTACKS, endAttacks, honestRequests, LIMITS } from "../testing/slow_senders.ts";
import {
  makeSupervised,
  PROCESSES,
  ROOT,
  untilComplete,
  workerOf,
  type SupervisedIngest,
} from "../testing/supervised_ingest.ts";

const CONNECTIONS = 24;

const { topic } = testNames();
let folder = "";
let bootstrapServers = "";
let started: Server[] = [];

beforeAll(async () => {
  ({ bootstrapServers } = (await testStack()).kafka);
  await createTopic(bootstrapServers, topic);
  folder = await mkdtemp(join(tmpdir(), "tally-processes-"));
});
afterEach(async () => {
  endAttacks();
  await Promise.all(started.map((server) => server.stop()));
  started = [];
});
afterAll(() => rm(folder, { recursive: true }));

async function makeIngest(env: Record<string, string> = {}, port?: number) {
  const base = { ...Bun.env, KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, KAFKA_TOPIC: topic };
  const ingest = await makeSupervised({ folder, env: { ...base, ...env } }, port);
  started.push(ingest.server);
  return ingest;
}

/** Starts the service and waits until all its workers take requests. */
async function startIngest(env: Record<string, string> = {}): Promise<SupervisedIngest> {
  const ingest = await makeIngest(env);
  await ingest.server.start();
  await untilComplete(ingest);
  return ingest;
}

/** Accepted ids that are not in the topic. */
async function lost(accepted: readonly string[]): Promise<string[]> {
  const stored = new Set(
    (await readTopic(bootstrapServers, topic)).flatMap((record) => {
      const event = decodeRecord(record, "topic");
      return isRecordFault(event) ? [] : [event.eventId];
    }),
  );
  return accepted.filter((id) => !stored.has(id));
}

describe("three processes", () => {
  test("take requests on one port, and every one of them answers with the sums of all", async () => {
    const ingest = await startIngest();
    const load = startLoad(ingest.url, CONNECTIONS, "sums-");
    await until(() => load.counts.accepted.length >= 1000);
    const { accepted, statuses, broken, refused } = await load.stop();

    expect({ statuses, broken, refused }).toEqual({
      statuses: { 202: accepted.length },
      broken: 0,
      refused: 0,
    });
    const read = async () => {
      const text = await (
        await fetch(`${ingest.url}/metrics`, { headers: { connection: "close" } })
      ).text();
      return (name: string) => Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
    };
    for (let at = 0; at < 12; at += 1) {
      const valueOf = await read();
      expect(valueOf("ingest_events_accepted_total")).toBe(accepted.length);
      expect(valueOf("ingest_publish_seconds_count")).toBe(accepted.length);
      expect(valueOf("ingest_processes")).toBe(PROCESSES);
      expect(valueOf("ingest_in_flight_requests")).toBe(0);
    }
    expect(await lost(accepted)).toEqual([]);
    const log = await ingest.log();
    expect(log.filter(({ msg }) => msg === "Ingest started.")).toMatchObject([
      { url: ingest.url, processes: PROCESSES },
    ]);
  }, 60_000);

  test("lose only the requests of one that is killed, which another one replaces", async () => {
    const ingest = await startIngest();
    const load = startLoad(ingest.url, CONNECTIONS, "killed-");
    await until(() => load.counts.accepted.length >= 500);
    const before = await metric(ingest.url, "ingest_events_accepted_total");
    const victim = await workerOf(ingest, 2);

    signalProcess(victim, "SIGKILL");
    await until(async () => {
      expect((await fetch(`${ingest.url}/health/ready`)).status).toBe(200);
      return (await ingest.workers()).has(2) && !(await isRunning(victim));
    });
    await untilComplete(ingest);
    const { accepted, statuses, broken, refused } = await load.stop();

    expect(Object.keys(statuses)).toEqual(["202"]);
    expect(refused).toBe(0);
    // At most one request was in flight on each connection.
    expect(broken).toBeLessThanOrEqual(CONNECTIONS);
    expect(await lost(accepted)).toEqual([]);
    expect(await metric(ingest.url, "ingest_processes_ended_total")).toBe(1);
    expect(await metric(ingest.url, "ingest_events_accepted_total")).toBeGreaterThan(before);
    const log = await ingest.log();
    expect(log.filter(({ level }) => level === "warn")).toMatchObject([
      { worker: 2, pid: victim, how: "SIGKILL", msg: "A process of ingest ended." },
    ]);
  }, 60_000);

  test("answer everything when SIGTERM stops them under load", async () => {
    const ingest = await startIngest();
    const load = startLoad(ingest.url, CONNECTIONS, "stopped-");
    await until(() => load.counts.accepted.length >= 500);
    const workers = [...(await ingest.workers()).values()];

    await ingest.server.stop();
    const { accepted, statuses, broken } = await load.stop();

    expect({ statuses: Object.keys(statuses), broken }).toEqual({ statuses: ["202"], broken: 0 });
    expect(await lost(accepted)).toEqual([]);
    expect(await Promise.all(workers.map(isRunning))).toEqual([false, false, false]);
    const log = await ingest.log();
    expect(log.filter(({ msg }) => msg === "Ingest stopped.")).toHaveLength(1);
    expect(log.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  }, 60_000);

  test("replace one that gets SIGTERM, after it has answered its requests", async () => {
    const ingest = await startIngest();
    const load = startLoad(ingest.url, CONNECTIONS, "one-stopped-");
    await until(() => load.counts.accepted.length >= 300);
    const first = await workerOf(ingest, 1);

    signalProcess(first, "SIGTERM");
    await until(async () => !(await isRunning(first)));
    await untilComplete(ingest);
    const { accepted, statuses, broken, refused } = await load.stop();

    expect({ statuses: Object.keys(statuses), refused }).toEqual({ statuses: ["202"], refused: 0 });
    // Connections that were open and had not sent their request when it closed.
    expect(broken).toBeLessThan(CONNECTIONS / 2);
    expect(await lost(accepted)).toEqual([]);
  }, 60_000);

  test("end and free the port when their supervisor is killed, and start again at once", async () => {
    const ingest = await startIngest();
    const workers = [...(await ingest.workers()).values()];

    await ingest.server.kill();
    const again = await makeIngest({}, ingest.port);
    await again.server.start();
    await untilComplete(again);

    expect((await post(again.url, EVENT)).status).toBe(202);
    await until(async () => (await Promise.all(workers.map(isRunning))).every((runs) => !runs));
  }, 60_000);
});

describe("a second ingest on the same port", () => {
  test.each(["1", "2"])(
    "is refused with the option to change when it has %s processes",
    async (processes) => {
      const ingest = await startIngest();
      const second = Bun.spawn([process.execPath, join(ROOT, "ingest/main.ts")], {
        env: {
          ...Bun.env,
          ...REAL_SERVICES,
          KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
          KAFKA_TOPIC: topic,
          INGEST_PORT: String(ingest.port),
          INGEST_PROCESSES: processes,
        },
        stdout: "pipe",
      });

      expect(await second.exited).toBe(1);

      expect(await new Response(second.stdout).text()).toContain(
        `Cannot listen on \\"${LOOPBACK}:${ingest.port}\\": the address is not free, set INGEST_PORT or INGEST_HOST`,
      );
      expect(await metric(ingest.url, "ingest_processes")).toBe(PROCESSES);
    },
    60_000,
  );
});

describe("the bounds of three processes", () => {
  const each = ["bodies that never end", "large bodies that never quite end"] as const;

  test.each(each)("hold in sum and let honest requests through during %s", async (title) => {
    const ingest = await startIngest(LIMITS);
    const found = ATTACKS.find(([candidate]) => candidate === title)?.[1];
    if (found === undefined) throw new Error(`Cannot attack: "${title}" is not in the table`);
    await attack(ingest.url, found);

    const { accepted, all } = await honestRequests(ingest.url);
    const held = await metric(ingest.url, "ingest_in_flight_requests");

    expect(accepted).toBeGreaterThanOrEqual(all * 0.95);
    expect(held).toBeLessThanOrEqual(Number(LIMITS.INGEST_REQUESTS_MAX));
  });
});

test("workers that end again and again end the supervisor with an error", async () => {
  const ingest = await startIngest();
  const supervisor = ingest.server.pid ?? 0;
  let kills = 0;

  const hasEnded = await eventually(async () => {
    for (const pid of (await ingest.workers()).values()) {
      if (signalProcess(pid, "SIGKILL")) kills += 1;
    }
    return !(await isRunning(supervisor));
  }, 50_000);

  expect(hasEnded).toBe(true);
  expect(kills).toBeGreaterThan(30);
  const log = await ingest.log();
  expect(log.at(-1)).toMatchObject({
    level: "error",
    msg: expect.stringContaining("more than 30 of its processes ended within a minute"),
  });
  expect((await ingest.workers()).size).toBe(0);
}, 60_000);
