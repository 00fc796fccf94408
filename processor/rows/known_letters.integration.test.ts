/** An offset that is a dead letter stays one when its record is read again. */
import { expect, test } from "bun:test";
import type { ErrorCode } from "@tally/shared";
import type { DeadLetterFault } from "../dead_letters/dead_letter.ts";
import type { LearnedLetters } from "../dead_letters/known_letters.ts";
import { batchOf, event, RECEIVED_MS } from "./testing/batches.ts";
import { NEVER, sinkOver, useSink } from "./testing/tables.ts";
import type { Batch } from "../pipeline/sink.ts";

const own = useSink();

/** The batch as an earlier version judged it, that could not read some of the records. */
function refusing(batch: Batch, faults: Readonly<Record<number, DeadLetterFault>>): Batch {
  const records = batch.records.map((entry) => {
    const decoded = faults[Number(entry.record.offset)];
    return decoded === undefined ? entry : { record: entry.record, decoded };
  });
  return { ...batch, records };
}

/** Moves a position to the log's start; its counters cover what is below it, so they are 0. */
async function rewind(partition: number): Promise<void> {
  await own.sql`
    update positions set next_offset = 0, planned_to = 0, records = 0, events = 0, duplicates = 0,
      dead_letters = 0, event_types = '{}', dead_letter_codes = '{}'
    where partition = ${partition}`;
}

/** The position with its counters, and what the tables hold. */
async function ledger(partition: number): Promise<object | undefined> {
  const [row] = await own.sql`
    select next_offset::int as position, records::int, events::int, dead_letters::int,
      dead_letter_codes, event_types,
      (select json_agg("offset" order by "offset") from web_events e
        where e.partition = p.partition) as rows,
      (select json_agg(array["offset"::text, code, pointer, message, event_id] order by "offset")
        from dead_letters d where d.partition = p.partition) as letters
    from positions p where partition = ${partition}`;
  return row;
}

test("write() keeps every dead letter after a rewind, whatever its record would become now", async () => {
  const partition = await own.newPartition();
  const id = Bun.randomUUIDv7();
  const events = Array.from({ length: 5 }, (_, index) => event(`${id}-${index}`));
  const whole = batchOf(partition, 0n, events);
  const parts = [
    batchOf(partition, 0n, events.slice(0, 2)),
    batchOf(partition, 2n, events.slice(2)),
  ];
  await own.sink.write(
    refusing(whole, {
      1: { code: "field_invalid", pointer: "/eventType" },
      3: { code: "timestamp_out_of_range", pointer: "/ts", message: "Then", eventId: "then" },
    }),
    NEVER,
  );
  const before = await ledger(partition);

  // The owner that wrote them and goes on, the same after it opened the partition, and others.
  const owners = [
    own.sink,
    own.sink,
    sinkOver(own.sql, own.topicLog),
    sinkOver(own.sql, own.topicLog),
  ];
  for (const [turn, owner] of owners.entries()) {
    await rewind(partition);
    if (turn % 2 === 1) await owner.open(partition);
    for (const batch of turn < 2 ? [whole] : parts) {
      expect((await owner.write(batch, NEVER)).events).toBe(0);
    }
    expect(await ledger(partition)).toEqual(before);
  }

  expect(before).toMatchObject({
    events: 3,
    dead_letters: 2,
    rows: [0, 2, 4],
    letters: [
      ["1", "field_invalid", "/eventType", expect.any(String), `${id}-1`],
      ["3", "timestamp_out_of_range", "/ts", "Then", "then"],
    ],
  });
});

test("write() keeps a dead letter whose code this version does not know", async () => {
  const partition = await own.newPartition();
  const batch = batchOf(partition, 0n, [event(Bun.randomUUIDv7())]);
  const code = "of_a_newer_version" as ErrorCode;
  await own.sink.write(refusing(batch, { 0: { code, pointer: "", message: "New" } }), NEVER);
  const before = await ledger(partition);
  await rewind(partition);

  const written = await sinkOver(own.sql, own.topicLog).write(batch, NEVER);

  expect(written).toMatchObject({ events: 0, deadLetters: [code] });
  expect(await ledger(partition)).toEqual(before);
});

test("write() judges the copy of a resent dead letter again: it is another record", async () => {
  const partition = await own.newPartition();
  const resent = event(Bun.randomUUIDv7());
  const whole = batchOf(partition, 0n, [resent, resent]);
  const fault = { code: "field_invalid", pointer: "/eventType" } as const;
  await own.sink.write(refusing(whole, { 0: fault }), NEVER);
  const before = await ledger(partition);
  await rewind(partition);

  await sinkOver(own.sql, own.topicLog).write(whole, NEVER);

  expect(before).toMatchObject({ events: 1, dead_letters: 1, rows: [1] });
  expect(await ledger(partition)).toEqual(before);
});

/** What the database learned from the DLQ topic: a letter without bytes. */
async function learn(partition: number, offset: number, recordTimestampMs: number): Promise<void> {
  await own.sql`
    insert into dead_letters (log, partition, "offset", code, pointer, message, headers,
      record_timestamp_ms, published_at, cleared_at)
    values (${own.topicLog.logNumber}, ${partition}, ${offset}, 'field_invalid', '/eventType', 'Then', '[]',
      ${recordTimestampMs}, now(), now())`;
}

test("write() keeps a letter that was learned, adds its bytes, and asks for no copy again", async () => {
  const partition = await own.newPartition();
  const id = Bun.randomUUIDv7();
  const batch = batchOf(partition, 0n, [event(`${id}-0`), event(`${id}-1`)]);
  const asked: number[] = [];
  const learnedLetters: LearnedLetters = {
    learn: async () => {
      asked.push(partition);
      await learn(partition, 1, RECEIVED_MS);
    },
    reject: () => Promise.reject(new Error("not wanted")),
  };
  const owner = sinkOver(own.sql, own.topicLog, { learnedLetters });

  await owner.open(partition);
  const written = await owner.write(batch, NEVER);

  expect(asked).toEqual([partition]);
  expect(written).toMatchObject({ events: 1, deadLetters: ["field_invalid"] });
  expect(await ledger(partition)).toMatchObject({
    rows: [0],
    dead_letters: 1,
    letters: [["1", "field_invalid", "/eventType", "Then", `${id}-1`]],
  });
  const [letter] = await own.sql`
    select value, published_at is not null as published, cleared_at from dead_letters
    where partition = ${partition}`;
  expect(letter).toMatchObject({ published: true, cleared_at: null });
  expect(letter?.["value"]).toEqual(batch.records[1]?.record.value);
});

test("write() judges a record that is not the one of a learned letter", async () => {
  const partition = await own.newPartition();
  const id = Bun.randomUUIDv7();
  const whole = batchOf(partition, 0n, [event(`${id}-0`), event(`${id}-1`), event(`${id}-2`)]);
  // The record at 1 is missing in the log, and the one at 2 has another time.
  const batch = { ...whole, records: whole.records.filter((_, index) => index !== 1) };
  const rejected: bigint[] = [];
  await learn(partition, 1, RECEIVED_MS);
  await learn(partition, 2, RECEIVED_MS + 1);
  const learnedLetters: LearnedLetters = {
    learn: async () => undefined,
    reject: async (_, offsets) => {
      rejected.push(...offsets);
      await own.sql`delete from dead_letters where partition = ${partition}`;
    },
  };
  const owner = sinkOver(own.sql, own.topicLog, { learnedLetters });

  await owner.open(partition);
  const written = await owner.write(batch, NEVER);

  expect(written).toMatchObject({ events: 2, deadLetters: [] });
  expect(rejected).toEqual([1n, 2n]);
  expect(await ledger(partition)).toMatchObject({ rows: [0, 2], letters: null });
});
