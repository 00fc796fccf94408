/**
 * Dead letters from a bad record to a row, through the whole system: real processes,
 * the command as an operator runs it, Kafka stopped and the DLQ topic deleted.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeRecord, eventually, isRecordFault, runCommand } from "@tally/shared";
import { connectProducer, type Producer } from "@tally/shared/kafka";
import { endStack, ownStack } from "@tally/stack/testing";
import { S3Client, type SQL } from "bun";
import { join } from "node:path";

import type { System } from "./system.ts";
import { startedSystem } from "./testing/started_system.ts";

const TEST_MS_MAX = 120_000;
const ROOT = join(import.meta.dir, "..", "..");
const COMMAND = join(ROOT, "processor", "commands", "dead_letters", "main.ts");
let system: System;
let producer: Producer;
let sql: SQL;

beforeAll(async () => {
  system = await startedSystem(await ownStack(), Bun.env);
  ({ sql } = system);
  producer = await connectProducer(system.stack.kafka, {
    lingerMs: 1,
    messageTimeoutMs: 30_000,
    queueRecordsMax: 100,
    queueBytesMax: 10_000_000,
    compression: "none",
    connectTimeoutMs: 10_000,
  });
}, TEST_MS_MAX);
afterAll(async () => {
  await producer.disconnect(5000);
  await system.close();
  await endStack(system.stack);
}, TEST_MS_MAX);

interface Letter {
  readonly id: string;
  readonly code: string;
  readonly offset: string;
  readonly partition: number;
  readonly recordTimestampMs: string;
  readonly state: string;
  readonly supersededBy: string | null;
  readonly publishedAt: string | null;
  readonly value: { readonly base64: string; readonly text: string | null } | null;
  readonly headers: readonly { readonly key: string; readonly value: { text: string } | null }[];
  readonly resends: readonly { readonly outcome: string; readonly deadLetterId: string | null }[];
}

/** Publishes as another producer would. */
async function produce(value: string | Buffer, key = "another-producer"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const record = {
    key,
    value: Buffer.from(value),
    timestampMs: 0,
    headers: [{ key: "own", value: Buffer.from("kept") }],
  };
  producer.produceBatch(system.topic, [record], (_, outcome) =>
    outcome instanceof Error ? reject(outcome) : resolve(),
  );
  await promise;
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(`${system.processors[0].url}${path}`);
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as T;
}

function resend(id: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${system.processors[0].url}/dead-letters/${id}/resend`, {
    method: "POST",
    headers,
  });
}

const show = (id: string) => get<Letter>(`/dead-letters/${id}`);

/** The letters of a code, oldest first, once there are at least `count`. */
async function lettersOf(code: string, count: number): Promise<Letter[]> {
  const read = async () =>
    (await get<{ deadLetters: Letter[] }>(`/dead-letters?code=${code}`)).deadLetters.toReversed();
  expect(await eventually(async () => (await read()).length >= count, 20_000)).toBe(true);
  return await read();
}

async function untilState(id: string, state: string): Promise<Letter> {
  const isThere = await eventually(async () => (await show(id)).state === state, 20_000);
  const letter = await show(id);
  expect([isThere, letter.state]).toEqual([true, state]);
  return letter;
}

/** The command as an operator runs it. */
async function command(...words: string[]): Promise<{ exitCode: number; text: string }> {
  const program = [process.execPath, COMMAND, "--url", system.processors[0].url, ...words];
  const { exitCode, output } = await runCommand(program, { env: Bun.env });
  return { exitCode, text: output };
}

/** Ids of all archive lines. */
async function archivedIds(): Promise<string[]> {
  const { accessKeyId, secretAccessKey, endpoint, bucket, region } = system.stack.s3;
  const client = new S3Client({ accessKeyId, secretAccessKey, endpoint, bucket, region });
  const { contents = [] } = await client.list({ prefix: `${system.bucket.keyPrefix}/` });
  const keys = contents.map(({ key }) => key).filter((key) => key.endsWith(".json"));
  const objects = await Promise.all(keys.map((key) => client.file(key).text()));
  return objects.flatMap((text) =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { eventId: string }).eventId),
  );
}

async function metric(line: string): Promise<number> {
  const text = await (await fetch(`${system.processors[0].url}/metrics`)).text();
  const found = text.split("\n").find((each) => each.startsWith(`${line} `));
  return Number(found?.split(" ")[1] ?? 0);
}

describe("dead letters", () => {
  test(
    "a record that can't be decoded is listed, shown byte for byte, and becomes another letter when it is sent again",
    async () => {
      await produce(Buffer.from([0x7b, 0xff]));
      const [letter] = await lettersOf("record_corrupt", 1);
      const id = letter?.id ?? "";

      const before = await show(id);
      const sent = await resend(id);
      const superseded = await untilState(id, "superseded");
      const again = await show(superseded.supersededBy ?? "");
      const listed = await command("list", "--code", "record_corrupt");
      const shown = await command("show", id);

      expect(before).toMatchObject({ state: "open", value: { base64: "e/8=", text: null } });
      expect(sent.status).toBe(202);
      expect(superseded.resends).toMatchObject([{ outcome: "dead", deadLetterId: again.id }]);
      expect(again).toMatchObject({ code: "record_corrupt", state: "open", value: before.value });
      const headers = again.headers.map(({ key, value }) => [key, value?.text]);
      expect(headers.slice(0, 2)).toEqual([
        ["own", "kept"],
        ["tally.dead-letter.id", id],
      ]);
      expect(listed).toMatchObject({ exitCode: 0 });
      expect(listed.text).toMatch(/^record_corrupt +1 +0 +1 /m);
      expect(shown.text).toContain(`a dead letter again (${again.id})`);
    },
    TEST_MS_MAX,
  );

  test(
    "records whose cause is gone become one row and one archive line each, although one is sent three times at once",
    async () => {
      await sql`alter table web_events add constraint refused check (event_type <> 'refused') not valid`;
      // An event that was sent without an id, and one that got a 202.
      await produce('{"sessionId":"s-1","eventType":"refused","payload":{"n":1}}', "s-1");
      const [foreign] = await lettersOf("database_rejected", 1);
      const accepted = await fetch(`${system.ingests[0].url}/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"sessionId":"s-2","eventType":"refused","payload":{"n":2}}',
      });
      const { eventId: acceptedId } = (await accepted.json()) as { eventId: string };
      const letters = await lettersOf("database_rejected", 2);
      const original = await show(foreign?.id ?? "");
      const foreignId = await idAtOrigin(original);

      await sql`alter table web_events drop constraint refused`;
      const sent = await Promise.all([1, 2, 3].map(() => resend(original.id)));
      const resolved = await untilState(original.id, "resolved");
      const many = await command("resend", "--code", "database_rejected", "--yes");
      await untilState(letters[1]?.id ?? "", "resolved");
      const none = await command("resend", "--code", "database_rejected");

      expect(accepted.status).toBe(202);
      expect(sent.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
      expect(resolved).toMatchObject({ supersededBy: null, resends: [{ outcome: "stored" }] });
      expect(many).toEqual({ exitCode: 0, text: "Sent again: 1.\n" });
      expect(none.text).toBe("No dead letter of code database_rejected is unresolved.\n");
      const wanted = [foreignId, acceptedId].toSorted();
      const rows: { event_id: string }[] =
        await sql`select event_id from web_events where event_type = 'refused'`;
      expect(rows.map((row) => row.event_id).toSorted()).toEqual(wanted);
      const ofThese = async () => (await archivedIds()).filter((id) => wanted.includes(id));
      await eventually(async () => (await ofThese()).length >= 2, 20_000);
      expect((await ofThese()).toSorted()).toEqual(wanted);
      expect(await unbalanced()).toEqual([]);
      const counted = await Promise.all([
        metric('processor_dead_letters_resent_total{code="database_rejected"}'),
        metric('processor_resends_ended_total{outcome="stored"}'),
      ]);
      expect(counted).toEqual([2, 2]);
    },
    TEST_MS_MAX,
  );

  test(
    "a resend while Kafka is stopped is answered 503 and changes nothing",
    async () => {
      await produce("[]");
      const [letter] = await lettersOf("invalid_event", 1);
      const id = letter?.id ?? "";
      // Its copy on the DLQ topic is a separate change, which may come before or after the stop.
      expect(await eventually(async () => (await unpublished()) === 0, 20_000)).toBe(true);
      const before = await show(id);

      await system.stack.kafka.stop();
      const response = await resend(id);
      const body = (await response.json()) as object;
      const during = await show(id);
      await system.stack.kafka.start();

      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
      expect(body).toMatchObject({ code: "broker_unavailable" });
      expect(during).toEqual(before);
      expect(await eventually(async () => (await resend(id)).status === 202, 30_000)).toBe(true);
    },
    TEST_MS_MAX,
  );

  test(
    "an absent DLQ topic delays only the copies: rows are still written, and all letters reach it later",
    async () => {
      const { admin, dlqTopic } = system;
      await eventually(async () => (await unpublished()) === 0, 20_000);
      await admin.deleteTopics([dlqTopic]);
      const isGone = async () => (await admin.describeTopic(dlqTopic)) === null;
      expect(await eventually(isGone, 10_000)).toBe(true);

      for (let n = 0; n < 5; n++) await produce(`{"n":${n}`);
      await produce('{"eventId":"beside","sessionId":"s","eventType":"t","payload":1}');
      const isRow = await eventually(async () => await hasRow("beside"), 20_000);
      const isDelayed = await eventually(async () => (await unpublished()) >= 5, 20_000);
      const topic = { topic: dlqTopic, partitions: 1, replicationFactor: 1, config: {} };
      await admin.createTopics([topic]);
      const isPublished = await eventually(async () => (await unpublished()) === 0, 60_000);
      const copies = (await admin.watermarks(dlqTopic, [0])).get(0)?.high ?? 0n;

      expect({ isRow, isDelayed, isPublished }).toEqual({
        isRow: true,
        isDelayed: true,
        isPublished: true,
      });
      expect(Number(copies)).toBeGreaterThanOrEqual(5);
    },
    TEST_MS_MAX,
  );
});

async function unpublished(): Promise<number> {
  const [row] = (await sql`
    select count(*)::integer as n from dead_letters where published_at is null`) as { n: number }[];
  return row?.n ?? 0;
}

async function hasRow(eventId: string): Promise<boolean> {
  const rows: unknown[] = await sql`select from web_events where event_id = ${eventId}`;
  return rows.length > 0;
}

/** The id that the event of a letter would have had. */
async function idAtOrigin(letter: Letter): Promise<string> {
  const [log] = (await sql`select topic_id from logs`) as { topic_id: string }[];
  const record = {
    partition: letter.partition,
    offset: BigInt(letter.offset),
    timestampMs: Number(letter.recordTimestampMs),
    value: Buffer.from(letter.value?.base64 ?? "", "base64"),
  };
  const decoded = decodeRecord(record, log?.topic_id ?? "");
  return isRecordFault(decoded) ? "none" : decoded.eventId;
}

/** Partitions whose records are not rows, duplicates and dead letters together. */
async function unbalanced(): Promise<unknown[]> {
  return [
    ...((await sql`
      select partition, records, events, duplicates, dead_letters from positions
      where sink = 'postgres' and (records <> events + duplicates + dead_letters or dead_letters <> (
        select count(*) from dead_letters letter
        where letter.log = positions.log and letter.partition = positions.partition
      ))`) as unknown[]),
  ];
}
