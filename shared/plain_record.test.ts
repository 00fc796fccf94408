import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { hasBadNumber } from "./json.ts";
import { readPlainRecord } from "./plain_record.ts";
import { encodeEvent } from "./accepted_event.ts";
import { decodeRecord, isRecordFault } from "./record.ts";

/** A canonical text from the JSON text of each field. */
function canonicalText(fields: {
  [name in "id" | "session" | "type" | "ts" | "payload" | "context"]?: string;
}): string {
  const { id = '"e1"', session = '"s1"', type = '"t"', payload = "{}" } = fields;
  const { ts = '"2026-01-31T07:00:00.000Z"' } = fields;
  const context = fields.context === undefined ? "" : `,"context":${fields.context}`;
  return `{"eventId":${id},"sessionId":${session},"eventType":${type},"ts":${ts},"receivedAt":"2026-01-31T07:00:01.000Z","payload":${payload}${context}}`;
}

/** A verdict without its line, which differs from the value where that is not canonical. */
function judgement(text: string): object {
  const record = { partition: 3, offset: 41n, timestampMs: 0, value: Buffer.from(text) };
  const decoded = decodeRecord(record, "topic-id");
  if (isRecordFault(decoded)) return decoded;
  return { ...decoded, line: decoded.line.toString() };
}

// A text that is canonical to the byte takes the fast path; white space at its end the general one.
describe("readPlainRecord()", () => {
  test("comes to the same as the long way for whatever ingest can write", () => {
    const text = fc.string({ unit: "binary", maxLength: 70 });
    // Ingest writes 31840084275449512 with the shortest digits, …510, which are its own only as
    // they stand: the general path (with white space) refuses them as another producer's.
    const payload = fc.jsonValue().filter((value) => {
      const json = JSON.stringify(value);
      return !hasBadNumber(json, 0, json.length);
    });
    const event = fc.record({
      eventId: fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/),
      sessionId: text,
      eventType: fc.oneof(
        text,
        fc.integer({ min: 60, max: 132 }).map((length) => "t".repeat(length)),
      ),
      payload,
      source: fc.constantFrom(null, null, "web", "A.b_c-0", "s".repeat(64), "payload"),
      ms: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
    });
    fc.assert(
      fc.property(event, ({ payload, source, ms, ...names }) => {
        const time = new Date(ms).toISOString();
        const json = JSON.stringify(payload);
        const value = encodeEvent({
          ...names,
          ts: time,
          receivedAt: time,
          payload: json,
          ...(source === null ? {} : { source }),
        });

        expect(judgement(value)).toEqual(judgement(`${value} `));
      }),
    );
  });

  test.each([
    ["9007199254740993"],
    ["1e400"],
    ["1e-400"],
    ["1.0"],
    ["-0"],
    ['{"a":1,"a":2}'],
    ['{"a": 1}'],
    ['{"b":1,"1":2}'],
    ['"\\u0000"'],
    ['"\\ud800"'],
    ['"\\u0041"'],
    ['{"__proto__":1}'],
    ['[{"constructor":1}]'],
    ['[{"constructor":{"prototype":1}}]'],
    ['[{"prototype":1}]'],
    ['{"pro\\u0074otype":1}'],
    ['{"context":{"source":"web"}}'],
    ['{"a":1,"context":{"source":"web"}}'],
    ['[1,"context"]'],
    ['1,"context":{"source":"web"},"context":{"source":"app"}'],
    ['",\\"context\\":{\\"source\\":\\"web\\"}}"'],
    ['{"a":"\\",\\"context\\":{\\"source\\":\\"web"}'],
    ['1,"more":2'],
    ['1},"payload":{"a":1'],
    ["{"],
    [""],
    ["null"],
  ])("decodes payload %s as the long way does", (payload) => {
    const value = canonicalText({ payload });

    expect(judgement(value)).toEqual(judgement(`${value} `));
  });

  test.each([
    ['{"source":"web"}'],
    ['{"source":"A-Z.a_z0"}'],
    [`{"source":"${"s".repeat(64)}"}`],
    [`{"source":"${"s".repeat(65)}"}`],
    ['{"source":""}'],
    ['{"source":"a b"}'],
    ['{"source":"w\\u0065b"}'],
    ['{"source": "web"}'],
    ['{"source":"web","source":"app"}'],
    ['{"source":"web","more":"x"}'],
    ['{"more":"x","source":"web"}'],
    ['"web"'],
    ["null"],
  ])("decodes context %s as the long way does, whatever the payload", (context) => {
    for (const payload of [
      "1",
      "{}",
      '{"a":"b"}',
      '{"a":{"b":"c"}}',
      '"x"',
      '{"context":{"source":"app"}}',
    ]) {
      const value = canonicalText({ payload, context });

      expect(judgement(value)).toEqual(judgement(`${value} `));
    }
  });

  test.each(["1", '{"a":"b"}', '"x"', '{"context":{"source":"app"}}', `"${"x".repeat(60_000)}"`])(
    "reads a record with a context and the payload %p",
    (payload) => {
      const value = canonicalText({ payload, context: '{"source":"web"}' });

      expect(readPlainRecord(value)).toMatchObject({ payload, source: "web" });
    },
  );

  test.each(['{"a":"b"}', '{"context":{"source":"web"}}', '{"a":1,"context":{"source":"web"}}'])(
    "takes no part of the payload %s for a context",
    (payload) => {
      const read = readPlainRecord(canonicalText({ payload }));

      expect(read).toMatchObject({ payload });
      expect(read).not.toHaveProperty("source");
    },
  );

  test("reads types of 128 characters, and none of 129", () => {
    const read = (length: number) =>
      readPlainRecord(canonicalText({ type: `"${"t".repeat(length)}"` }));

    expect([read(128)?.eventType.length, read(129)]).toEqual([128, null]);
  });

  test.each([
    ["128 levels", "[".repeat(128) + "]".repeat(128)],
    ["129 levels", "[".repeat(129) + "]".repeat(129)],
    ["50,000 values", `[${Array(49_999).fill(0)}]`],
    ["50,001 values", `[${Array(50_000).fill(0)}]`],
  ])("decodes a payload of %s as the long way does", (_size, payload) => {
    const value = canonicalText({ payload });

    expect(judgement(value)).toEqual(judgement(`${value} `));
  });

  test("keeps a number as ingest wrote it, though these digits are no double", () => {
    const value = canonicalText({ payload: JSON.stringify([31840084275449512]) });

    expect(judgement(value)).toMatchObject({ payload: "[31840084275449510]", line: value });
  });

  test.each([
    [{ ts: '"2024-02-29T07:00:00.000Z"' }],
    [{ ts: '"2026-02-29T07:00:00.000Z"' }],
    [{ ts: '"2026-04-31T07:00:00.000Z"' }],
    [{ ts: '"2026-12-31T23:59:60.000Z"' }],
    [{ ts: '"2026-12-31T24:00:00.000Z"' }],
    [{ ts: '"2026-13-01T00:00:00.000Z"' }],
    [{ ts: '"0000-01-01T00:00:00.000Z"' }],
    [{ ts: '"2026-01-31T07:00:00.00Z"' }],
    [{ ts: '"2026-01-31T07:00:00.000+00:00"' }],
    [{ id: '".."' }],
    [{ id: `"${"e".repeat(65)}"` }],
    [{ id: '"e 1"' }],
    [{ session: '""' }],
    [{ session: `"${"😀".repeat(128)}"` }],
    [{ session: `"${"😀".repeat(129)}"` }],
    [{ session: '"\\u0000"' }],
    [{ session: '"a\\"b"' }],
    [{ session: '"a\0b"' }],
  ])("decodes %j as the long way does", (fields) => {
    const value = canonicalText(fields);

    expect(judgement(value)).toEqual(judgement(`${value} `));
  });

  test("reads an event as it was encoded, and leaves one with an escaped name", () => {
    const plain = canonicalText({ payload: '{"a":[1.5,"ä",null]}' });

    expect(readPlainRecord(plain)).toMatchObject({
      eventId: "e1",
      payload: '{"a":[1.5,"ä",null]}',
    });
    expect(readPlainRecord(canonicalText({ session: '"a\\nb"' }))).toBeNull();
  });
});
