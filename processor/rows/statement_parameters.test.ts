import { describe, expect, test } from "bun:test";
import { resentHeaders } from "@tally/shared";
import { recordHash } from "../pipeline/record_hash.ts";
import {
  measuredTimes,
  statementParameters,
  sumParameters,
  sumsOf,
  takeApart,
} from "./statement_parameters.ts";
import { batchOf, batchOfIds, event } from "./testing/batches.ts";
import { WRITE_BATCH, WRITE_NEW_EVENTS, WRITE_OLD_EVENTS } from "./write_statements.ts";
import type { Batch } from "../pipeline/sink.ts";

const LOG = 7;
const LATENCIES = { buckets: [0, 2, 1], sumMs: 30 };

function inputOf(batch: Batch) {
  return { batch, parts: takeApart(batch), latencies: LATENCIES };
}

/** The batches of $2. */
function batchesOf(...batches: readonly Batch[]) {
  const [, json] = statementParameters(LOG, batches.map(inputOf));
  return JSON.parse(String(json)) as Record<string, unknown>[];
}

describe("takeApart()", () => {
  test("takeApart() orders events by id and keeps the order of offsets within an id", () => {
    const { events } = takeApart(batchOfIds(0, ["b", "a", "b", "a"]));

    const places = events.map(({ event: { eventId }, offset }) => `${eventId}${offset}`);
    expect(places).toEqual(["a1", "a3", "b0", "b2"]);
  });

  test("takeApart() makes a dead letter of each record that holds no event", () => {
    const { events, deadLetters } = takeApart(batchOf(0, 4n, [Buffer.from("{"), event("a")]));

    expect(events.map(({ offset }) => offset)).toEqual([5n]);
    expect(deadLetters).toMatchObject([{ offset: 4n, code: "record_corrupt" }]);
  });
});

test("measuredTimes() leaves out a dead letter that was sent again: it waited for a person", () => {
  const receivedAt = "2026-01-31T06:00:00.000Z";
  const { records, ...batch } = batchOf(0, 4n, [event("new"), event("old", { receivedAt })]);
  const link = { letterId: "7", topicId: "topic-id" };
  const marked = records.map(({ record, decoded }) => {
    const headers = record.offset === 5n ? resentHeaders(record, link) : record.headers;
    return { decoded, record: { ...record, headers } };
  });

  const { events } = takeApart({ ...batch, records: marked });

  expect(measuredTimes({ events, deadLetters: [] })).toEqual([event("new").receivedAt]);
  expect(events).toHaveLength(2);
});

describe("statementParameters()", () => {
  test("statementParameters() gives both statements every parameter that they name", () => {
    const inputs = [inputOf(batchOfIds(0, ["a"]))];
    // The twelfth one is the schema, which write_statements.ts adds.
    const ofBatch = [...statementParameters(LOG, inputs), "schema"];
    const ofNewEvents = [...ofBatch, ...sumParameters(sumsOf(inputs))];

    for (const [statement, parameters] of [
      [WRITE_BATCH, ofBatch],
      [WRITE_NEW_EVENTS, ofNewEvents],
      [WRITE_OLD_EVENTS, ofNewEvents],
    ] as const) {
      const named = new Set(statement.match(/\$\d+/g));
      const expected = parameters.map((_, index) => `$${index + 1}`);
      expect([...named].sort()).toEqual(expected.sort());
    }
  });

  test("statementParameters() sends the events of all batches together, by id", () => {
    const batches = [batchOfIds(8, ["c", "a"], { partition: 1 }), batchOfIds(3, ["b"])];

    const [logNumber, , ids, , , , , , partitions, offsets] = statementParameters(
      LOG,
      batches.map(inputOf),
    );

    expect(logNumber).toBe(LOG);
    expect(ids).toBe('{"a","b","c"}');
    expect(partitions).toBe("{1,0,1}");
    expect(offsets).toBe("{9,3,8}");
  });

  test("statementParameters() quotes every text, so that no id is read as null", () => {
    const batch = batchOf(0, 0n, [event("null", { sessionId: 'a "quoted" \\ one' })]);

    const [, , ids, sessions] = statementParameters(LOG, [inputOf(batch)]);

    expect(ids).toBe('{"null"}');
    expect(sessions).toBe('{"a \\"quoted\\" \\\\ one"}');
  });

  test("statementParameters() sends the source of each event, up to the last that has one", () => {
    const sources = (...events: readonly ReturnType<typeof event>[]) =>
      statementParameters(LOG, [inputOf(batchOf(0, 0n, events))])[10];
    const web = event("b", { source: "web" });

    expect(sources(event("a"))).toBe("{}");
    expect(sources(web)).toBe('{"web"}');
    expect(sources(event("a"), web, event("c"))).toBe('{null,"web"}');
    expect(sources(event("a", { source: "null" }))).toBe('{"null"}');
  });

  test("statementParameters() sends the place of each batch and what it adds to the counters", () => {
    const batch = batchOf(2, 10n, [event("a"), Buffer.from("{"), event("b", { eventType: "x" })]);
    const gaps = [{ firstOffset: 8n, lastOffset: 9n }];

    const [sent] = batchesOf({ ...batch, firstOffset: 8n, gaps });

    expect(sent).toMatchObject({
      partition: 2,
      first_offset: "8",
      next_offset: "13",
      records: 3,
      event_types: { page_view: 1, x: 1 },
      dead_letters: [{ offset: "11", code: "record_corrupt", value: "7b" }],
      dead_letter_codes: { record_corrupt: 1 },
      gaps: [{ first_offset: "8", last_offset: "9" }],
      last_hash: recordHash(batch.records[2]?.record.value ?? null),
      latency: LATENCIES.buckets,
      latency_ms_sum: LATENCIES.sumMs,
    });
  });

  test("statementParameters() sends the receive time of the last event, whatever its id", () => {
    const batch = batchOfIds(0, ["a", "c", "b"]);
    const last = batch.records[2]?.decoded as { receivedAt: string };

    const [sent] = batchesOf(batch);

    expect(sent?.["last_received_at"]).toBe(last.receivedAt);
  });

  test("statementParameters() takes no receive time of 1970 for the last one", () => {
    const sane = event("a", { receivedAt: "2026-01-31T07:00:00.000Z" });
    const odd = event("b", { receivedAt: "1970-01-01T00:00:00.000Z" });

    const [mixed] = batchesOf(batchOf(0, 0n, [sane, odd]));
    const [alone] = batchesOf(batchOf(0, 0n, [odd]));

    expect(mixed?.["last_received_at"]).toBe(sane.receivedAt);
    expect(alone?.["last_received_at"]).toBeNull();
  });

  test("statementParameters() counts a type that is called __proto__", () => {
    const [sent] = batchesOf(batchOfIds(0, ["a", "b"], { types: ["__proto__"] }));

    expect(Object.entries(sent?.["event_types"] as object)).toEqual([["__proto__", 2]]);
  });
});
