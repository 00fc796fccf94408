/** A whole processor and records of every form: old, new, repeated, of other producers. */
import { afterEach, expect, test } from "bun:test";
import { encodeEvent, type AcceptedEvent } from "@tally/shared";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

const TEST_MS_MAX = 90_000;
const AT = "2026-01-31T07:00:00.000Z";
let tally: TestProcessor | null = null;
afterEach(async () => {
  await tally?.close();
  tally = null;
});

function record(eventId: string, changes: Partial<AcceptedEvent> = {}): Buffer {
  const plain = { sessionId: "s-1", eventType: "t", ts: AT, receivedAt: AT, payload: '{"b":1}' };
  return Buffer.from(encodeEvent({ eventId, ...plain, ...changes }));
}

/** Every line of the archive, in offset order. */
async function linesOf({ bucket, objectKeys }: TestProcessor): Promise<string[]> {
  const texts = await Promise.all((await objectKeys()).map((key) => bucket.file(key).text()));
  return texts.flatMap((text) => text.split("\n").slice(0, -1));
}

test(
  "a processor writes one row and one line of each event, in the form in which it came first",
  async () => {
    tally = await testProcessor();
    const later = "2026-01-31T07:00:05.000Z";
    const given = "2026-01-31T06:59:59.000Z";
    const values = [
      record("old-form"),
      record("named", { source: "web" }),
      record("long-type", { eventType: "t".repeat(128), source: "app.1" }),
      // Sent before the window had reached its time and after, and the other way round.
      record("outside-inside"),
      record("inside-outside", { ts: given }),
      record("both-outside"),
      record("outside-inside", { ts: given, receivedAt: later, source: "web" }),
      record("inside-outside", { ts: later, receivedAt: later }),
      record("both-outside", { ts: later, receivedAt: later, source: "app" }),
    ];

    await tally.publishValues(values);
    await tally.start();
    await tally.settled(values.length);

    expect(await linesOf(tally)).toEqual(values.slice(0, 6).map(String));
    const rows = await tally.sql`
      select event_id, source, ts from web_events order by "offset"`;
    expect(rows.map(({ event_id, source }) => [event_id, source])).toEqual([
      ["old-form", null],
      ["named", "web"],
      ["long-type", "app.1"],
      ["outside-inside", null],
      ["inside-outside", null],
      ["both-outside", null],
    ]);
    expect(rows.map(({ ts }) => (ts as Date).toISOString())).toEqual([AT, AT, AT, AT, given, AT]);
    expect(await tally.sql`select from dead_letters`).toHaveLength(0);
    expect(await tally.sql`select from duplicate_events`).toHaveLength(3);
  },
  TEST_MS_MAX,
);

test(
  "a processor keeps the dead letters of an earlier version, and gives them neither row nor line",
  async () => {
    tally = await testProcessor();
    const readable = `{"eventId":"foreign","sessionId":"s","eventType":"${"t".repeat(100)}","payload":1}`;
    await tally.publish(["first"]);
    const before = await tally.start();
    await tally.settled(1);
    await before.stop();
    // As the version before left it: it could not read the types of offsets 1 and 3.
    await tally.sql`
      insert into dead_letters (log, partition, "offset", code, pointer, message, value, headers, record_timestamp_ms)
      select log, 0, "offset", 'field_invalid', '/eventType', 'test', ${Buffer.from(readable)}, '[]', 0
      from logs, unnest(array[1, 3]) as "offset"`;

    await tally.publishValues([Buffer.from(readable), record("second"), Buffer.from(readable)]);
    await tally.start();
    await tally.settled(4);
    const [position] = await tally.sql`
      select events::int, dead_letters::int, dead_letter_codes from positions where sink = 'postgres'`;

    expect(await tally.rowIds()).toEqual(["first", "second"]);
    expect(await tally.lineIds()).toEqual(["first", "second"]);
    expect(position).toEqual({
      events: 2,
      dead_letters: 2,
      dead_letter_codes: { field_invalid: 2 },
    });
  },
  TEST_MS_MAX,
);
