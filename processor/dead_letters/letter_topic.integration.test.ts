/** Letters that a restored table learns from a DLQ topic which the test plays. */
import { beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import type { Database } from "@tally/shared/database";
import { registerLog, type TopicLog } from "../pipeline/positions.ts";
import { useTables } from "../rows/testing/tables.ts";
import { cluster as playCluster, copyOf, DLQ_ID, FOREIGN } from "./testing/letter_topic.ts";

const tables = useTables();
const NEVER = new AbortController().signal;
let sql: Database;
let topicLog: TopicLog;

beforeAll(async () => {
  ({ sql } = tables);
  topicLog = await registerLog(sql, "topic", "topic-id");
});
beforeEach(async () => {
  await sql`truncate dead_letters, letter_topics, positions, web_events, duplicate_events`;
});

const cluster = (copies: readonly ConsumedRecord[]) => playCluster(() => sql, copies);

async function letters(): Promise<unknown[]> {
  return [
    ...(await sql`
      select "offset"::int, code, pointer, message, event_id, value, published_at is not null as published,
        cleared_at is not null as learned
      from dead_letters order by "offset"`),
  ];
}

async function offsets(): Promise<number[]> {
  const rows = await sql<{ offset: number }[]>`
    select "offset"::int from dead_letters order by "offset"`;
  return rows.map(({ offset }) => offset);
}

async function known(): Promise<number | undefined> {
  const [row] = await sql<{ next: number }[]>`
    select next_offset::int as next from letter_topics where topic_id = ${DLQ_ID}`;
  return row?.next;
}

async function setPosition(nextOffset: number): Promise<void> {
  await sql`
    insert into positions (sink, log, partition, next_offset, planned_to)
    values ('postgres', ${topicLog.logNumber}, 0, ${nextOffset}, ${nextOffset})`;
}

async function setLetter(offset: number, publishedAt: string | null): Promise<void> {
  await sql`
    insert into dead_letters (log, partition, "offset", code, message, value, headers, record_timestamp_ms, published_at)
    values (${topicLog.logNumber}, 0, ${offset}, 'known', 'Known', 'k', '[]', 0, ${publishedAt}::text::timestamptz)`;
}

describe("learn()", () => {
  test("learn() adds the letters from the position on, each once, with code, reason and field", async () => {
    await setPosition(10);
    const eventId = { event_id: "an-id" };
    const { open, lines } = cluster([copyOf(9), copyOf(10), copyOf(12, eventId), copyOf(10)]);

    await open().learn(topicLog, NEVER);

    const learned = { value: null, published: true, learned: true };
    const reason = { code: "field_invalid", pointer: "/eventType", message: "Then" };
    expect(await letters()).toEqual([
      { offset: 10, ...reason, event_id: null, ...learned },
      { offset: 12, ...reason, event_id: "an-id", ...learned },
    ]);
    expect(await known()).toBe(4);
    expect(lines.at(-1)).toBe("Copies of dead letters were read.");
  });

  test("learn() leaves out other logs, other topics, what the log does not hold yet, and foreign records", async () => {
    const { open } = cluster([
      copyOf(1, { topic_id: "of-the-topic-before" }),
      copyOf(2, { topic: "another" }),
      copyOf(100),
      FOREIGN,
      copyOf(3, { partition: 7 }),
      copyOf(4),
    ]);

    await open().learn(topicLog, NEVER);

    // Partition 7 has no end that can be read, so its letter is kept.
    expect(await offsets()).toEqual([3, 4]);
    expect(await known()).toBe(6);
  });

  test("learn() leaves letters of the table as they are, and does not have them published again", async () => {
    await setPosition(10);
    await setLetter(5, null);
    await setLetter(20, "2026-01-01");
    const before = await letters();
    const { open } = cluster([copyOf(5), copyOf(20)]);

    await open().learn(topicLog, NEVER);

    const published = before.map((letter) => ({ ...(letter as object), published: true }));
    expect(await letters()).toEqual(published);
  });

  test("learn() reads nothing when the database knows the topic", async () => {
    const { open, seen, state, lines } = cluster([copyOf(1), copyOf(2)]);
    await open().learn(topicLog, NEVER);
    const said = lines.length;
    const { reads } = seen;

    await open().learn(topicLog, NEVER);
    expect([seen.reads, lines.length]).toEqual([reads, said]);

    state.copies.push(copyOf(3));
    await open().learn(topicLog, NEVER);
    expect(seen.read).toEqual([0n, 1n, 2n]);
  });

  test("learn() begins where the topic begins when its retention has deleted copies", async () => {
    const { open, seen, state } = cluster([copyOf(1), copyOf(2), copyOf(3)]);
    state.low = 2n;

    await open().learn(topicLog, NEVER);

    expect(seen.read).toEqual([2n]);
    expect(await offsets()).toEqual([3]);
  });

  test("learn() asks Kafka once in a process, unless the database went back", async () => {
    const { open, seen } = cluster([copyOf(1), copyOf(2)]);
    const topic = open();
    await topic.learn(topicLog, NEVER);
    const { looks } = seen;

    await topic.learn(topicLog, NEVER);
    expect(seen.looks).toBe(looks);

    await sql`truncate dead_letters, letter_topics`;
    await topic.learn(topicLog, NEVER);
    expect(await offsets()).toEqual([1, 2]);
  });

  test("learn() adds no letter where the tables have a row or a duplicate, as after a rewind", async () => {
    await sql`
      insert into web_events values ('row-1', 's', 't', now(), now(), '{}', ${topicLog.logNumber}, 0, 1)`;
    await sql`
      insert into duplicate_events (log, partition, "offset", event_id)
      values (${topicLog.logNumber}, 0, 2, 'row-1')`;
    const ofRow = { event_id: "row-1" };
    const { open } = cluster([copyOf(1, ofRow), copyOf(2, ofRow), copyOf(3, ofRow)]);

    await open().learn(topicLog, NEVER);

    expect(await offsets()).toEqual([3]);
  });

  test("learn() looks once for partitions that are opened together", async () => {
    const { open, seen } = cluster([copyOf(1)]);
    const topic = open();

    await Promise.all([0, 1, 2].map(() => topic.learn(topicLog, NEVER)));

    expect([seen.reads, seen.looks]).toEqual([1, 2]);
  });

  test("learn() of several processors at once adds each letter once", async () => {
    const copies = Array.from({ length: 30 }, (_, index) => copyOf(index));
    const { open } = cluster(copies);

    await Promise.all([open(), open(), open()].map((topic) => topic.learn(topicLog, NEVER)));

    expect(await offsets()).toEqual(copies.map((_, index) => index));
    expect(await known()).toBe(30);
  });

  test("learn() needs no DLQ topic", async () => {
    const { open, state, lines } = cluster([]);
    state.isThere = false;

    await open().learn(topicLog, NEVER);

    expect([await known(), lines]).toEqual([undefined, []]);
  });

  test("learn() tries again while Kafka is away", async () => {
    const { open, state, lines } = cluster([copyOf(1)]);
    state.failures = 2;

    await open().learn(topicLog, NEVER);

    expect(await offsets()).toEqual([1]);
    expect(lines.at(-1)).toBe("Copies of dead letters were read.");
    expect(lines.filter((line) => line.includes("could not be read"))).toEqual([]);
  });

  test.each(["away", "refused", "without a leader"])(
    "learn() lets the rows go on and says so once when the topic is %s, and learns later",
    async (how) => {
      const { open, state, lines } = cluster([copyOf(1)]);
      state.failures = how === "without a leader" ? 0 : 1000;
      state.isLed = how !== "without a leader";
      if (how === "refused") state.error = new PipelineError("broker_misconfigured", "no right");
      const topic = open();

      await topic.learn(topicLog, NEVER);
      await topic.learn(topicLog, NEVER);
      const said = [...lines];
      Object.assign(state, { failures: 0, isLed: true });
      await topic.learn(topicLog, NEVER);

      expect(said).toHaveLength(1);
      expect(said[0]).toStartWith("Dead letters could not be read from the DLQ topic");
      expect(await offsets()).toEqual([1]);
    },
    20_000,
  );

  test("learn() ends when the processor stops", async () => {
    const { open, state, lines } = cluster([copyOf(1)]);
    state.failures = 1000;
    const stopping = new AbortController();

    const learning = open().learn(topicLog, stopping.signal);
    stopping.abort();
    await learning;

    expect(lines).toEqual([]);
  });

  test("learn() says how far it is while it takes long", async () => {
    const { open, lines } = cluster([copyOf(1), copyOf(2), copyOf(3)]);

    await open().learn(topicLog, NEVER);

    expect(lines).toContain("Copies of dead letters are being read.");
  });
});

describe("notePublished()", () => {
  const delivery = (offset: bigint) => [{ partition: 0, offset }];

  test("notePublished() moves on how far the database knows the topic, never back", async () => {
    const { open } = cluster([copyOf(1)]);
    const topic = open();
    await topic.learn(topicLog, NEVER);

    await topic.notePublished([...delivery(5n), ...delivery(4n)]);
    await topic.notePublished(delivery(2n));

    expect(await known()).toBe(6);
  });

  test("notePublished() leaves it before the topic was looked at: copies may lie before these", async () => {
    const { open } = cluster([copyOf(1)]);
    await open().learn(topicLog, NEVER);

    await open().notePublished(delivery(5n));

    expect(await known()).toBe(1);
  });

  test("notePublished() leaves it when the database went back under a running processor", async () => {
    const { open, state } = cluster([copyOf(1)]);
    const topic = open();
    await topic.learn(topicLog, NEVER);
    await topic.notePublished(delivery(5n));

    await sql`update letter_topics set next_offset = 3`;
    await topic.notePublished(delivery(9n));
    expect(await known()).toBe(3);

    state.copies = Array.from({ length: 10 }, (_, index) => copyOf(index));
    await topic.learn(topicLog, NEVER);
    await topic.notePublished(delivery(10n));
    expect(await known()).toBe(11);
    expect(await offsets()).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
  });
});

test("reject() forgets learned letters only, and says so", async () => {
  await setLetter(5, "2026-01-01");
  const { open, lines } = cluster([copyOf(1), copyOf(2)]);
  const topic = open();
  await topic.learn(topicLog, NEVER);

  await topic.reject(topicLog, 0, [1n, 5n]);

  expect(await offsets()).toEqual([2, 5]);
  expect(lines.at(-1)).toStartWith("Copies on the DLQ topic name other records");
});
