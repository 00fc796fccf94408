/**
 * The load test against the real database and bucket. A stand-in for the services
 * stores what it gets, and makes mistakes when a test asks for them.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createDatabase, testNames, testStack } from "@tally/stack/testing";
import { SQL } from "bun";
import { silentProgress } from "@tally/shared/terminal/progress";
import type { LoadServices } from "@tally/processor/commands/services";

import { parseLoadArguments } from "./options.ts";
import { reportLoad } from "./report.ts";
import { runLoad, type LoadResult } from "./run.ts";

type Event = { readonly eventId: string };

/** What the stand-in does with the events of one request. */
interface Behaviour {
  readonly status?: (request: number) => number;
  readonly rows?: (events: readonly Event[]) => readonly Event[];
  readonly lines?: (events: readonly Event[]) => readonly Event[];
}

const keyPrefix = testNames().prefix.slice(0, -1);
let services: LoadServices;
let sql: SQL;
let behaviour: Behaviour = {};
let requests = 0;
let server: ReturnType<typeof Bun.serve>;
let store: Bun.S3Client;

beforeAll(async () => {
  const stack = await testStack();
  const url = await createDatabase(stack);
  sql = new SQL(url, { max: 4 });
  await sql`create table web_events (event_id text collate "C" primary key)`;
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = stack.s3;
  const credentials = { accessKeyId, secretAccessKey };
  store = new Bun.S3Client({ endpoint, bucket, region, ...credentials });
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: takeEvents });
  services = {
    ingestUrl: server.url.origin,
    key: null,
    database: { url, schema: "public" },
    bucket: { name: bucket, endpoint, region, keyPrefix, credentials },
  };
});

afterAll(async () => {
  await server.stop(true);
  await sql.close();
});

async function takeEvents(request: Request): Promise<Response> {
  if (request.method !== "POST") return new Response("up");
  const body = (await request.json()) as Event | Event[];
  const events = Array.isArray(body) ? body : [body];
  const number = requests++;
  const rows = (behaviour.rows ?? keep)(events);
  if (rows.length > 0) await sql`insert into web_events ${sql(rows.map(rowOf))}`;
  const lines = (behaviour.lines ?? keep)(events).map((event) => `${JSON.stringify(event)}\n`);
  if (lines.length > 0) await store.write(objectKey(number), lines.join(""));
  const status = behaviour.status?.(number) ?? 202;
  return Response.json({ accepted: events.length, rejected: [] }, { status });
}

const keep = (events: readonly Event[]) => events;
const rowOf = ({ eventId }: Event) => ({ event_id: eventId });

function objectKey(number: number): string {
  const hour = new Date().toISOString().slice(0, 13).replace("T", "-").replaceAll("-", "/");
  const offset = String(number).padStart(20, "0");
  return `${keyPrefix}/${hour}/events-${Date.now()}-p0-${offset}.json`;
}

async function run(words: readonly string[], changed: Behaviour = {}): Promise<LoadResult> {
  behaviour = changed;
  requests = 0;
  const parsed = parseLoadArguments(["--connections", "4", "--wait", "1", ...words]);
  if (parsed.kind !== "run") throw new Error(`the test's own arguments are wrong: ${parsed.text}`);
  return runLoad(parsed.value, {
    services,
    progress: silentProgress,
    signal: new AbortController().signal,
    run: Bun.randomUUIDv7("hex").replaceAll("-", ""),
    nowMs: Date.now,
  });
}

const batches = ["--rate", "500", "--seconds", "1", "--batch", "50"];

test("runLoad() finds every event once when the services keep their promise", async () => {
  const result = await run(batches);

  const { text, exitCode } = reportLoad(result);
  expect(text).toContain("Every event that was sent is stored and archived exactly once.");
  expect(exitCode).toBe(0);
  expect(result.ledger.count("accepted")).toBe(500);
  expect(result.counted?.objects).toBe(10);
});

test("runLoad() sends single events when no batch size is given", async () => {
  const result = await run(["--rate", "40", "--seconds", "1"]);

  expect([requests, reportLoad(result).exitCode]).toEqual([40, 0]);
});

test("runLoad() sends as fast as answers come when no rate is given", async () => {
  const result = await run(["--seconds", "1", "--batch", "10"]);

  expect(result.measured.elapsedMs).toBeGreaterThan(900);
  expect([result.ledger.sent, reportLoad(result).exitCode]).toEqual([requests * 10, 0]);
});

test("runLoad() counts a lost row when one accepted event was not stored", async () => {
  const drop = (events: readonly Event[]) => (requests === 3 ? events.slice(1) : events);

  const result = await run(batches, { rows: drop, lines: drop });

  expect(result.counted?.reconciliation).toMatchObject({ lostRows: 1, lostLines: 0, twice: 0 });
  expect(reportLoad(result).exitCode).toBe(1);
});

test("runLoad() finds a lost line and a line twice when only the total of the archive is right", async () => {
  const swap = (events: readonly Event[]) => {
    const [first] = events;
    return requests === 3 && first !== undefined ? [first, first, ...events.slice(2)] : events;
  };

  const result = await run(batches, { lines: swap });

  expect(result.counted?.reconciliation).toMatchObject({ lostLines: 1, twice: 1 });
  expect(reportLoad(result).exitCode).toBe(1);
});

test("runLoad() calls events unknown when the answer is 503, and finds the stored ones", async () => {
  const result = await run(batches, { status: (request) => (request === 2 ? 503 : 202) });

  const { text, exitCode } = reportLoad(result);
  expect(result.ledger.count("unknown")).toBe(50);
  expect(result.counted?.stored.distinct).toBe(500);
  expect(result.counted?.reconciliation).toMatchObject({ lostRows: 0, unpromisedRows: 0 });
  expect(text).toContain("50 events had no answer, or a 5xx");
  expect(exitCode).toBe(1);
});

test("runLoad() does not read the archive when it is not to be counted", async () => {
  const result = await run([...batches, "--no-archive"], { lines: () => [] });

  expect(result.counted?.archived).toBeNull();
  expect(reportLoad(result).exitCode).toBe(0);
});

test("runLoad() rejects before it sends when no server listens", async () => {
  await expect(run([...batches, "--url", "http://127.0.0.1:1"])).rejects.toThrow("Cannot reach");
});
