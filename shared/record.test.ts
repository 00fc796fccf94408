import { describe, expect, test } from "bun:test";
import { encodeEvent } from "./accepted_event.ts";
import {
  decodeRecord,
  isRecordFault,
  originOf,
  resentHeaders,
  type SourceRecord,
} from "./record.ts";
import { RESENT_HEADERS } from "./record_headers.ts";

const CANONICAL =
  '{"eventId":"e1","sessionId":"s\\u0001ä😀","eventType":"t","ts":"2026-01-31T07:00:00.000Z","receivedAt":"2026-01-31T07:00:01.000Z","payload":{"a":[1,"x"]}}';
const FOREIGN = '{"sessionId":"s","eventType":"t","payload":"{\\"a\\": 1}"}';
const RECORD_MS = Date.parse("2026-03-01T00:00:00.000Z");

function decode(value: string | Buffer | null, offset = 41n, timestampMs = RECORD_MS) {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return decodeRecord({ partition: 3, offset, timestampMs, value: bytes }, "topic-id");
}

function decodeWell(value: string, offset = 41n) {
  const decoded = decode(value, offset);
  if (isRecordFault(decoded)) throw new Error(`${decoded.code} ${decoded.pointer}`);
  return decoded;
}

/** The canonical text with one field set to another JSON text; undefined leaves it out. */
function canonicalWith(name: string, json: string | undefined): string {
  const fields = Object.entries(JSON.parse(CANONICAL) as Record<string, unknown>)
    .map(([key, value]): [string, string | undefined] => [key, JSON.stringify(value)])
    .filter(([key]) => key !== name);
  if (json !== undefined) fields.push([name, json]);
  return `{${fields.map(([key, text]) => `"${key}":${text}`).join(",")}}`;
}

describe("decodeRecord() of a canonical record", () => {
  test("gives the event and the value itself as its line", () => {
    const value = Buffer.from(CANONICAL);

    const decoded = decode(value);

    if (isRecordFault(decoded)) throw new Error(decoded.code);
    expect(decoded.line).toBe(value);
    expect(encodeEvent(decoded)).toBe(CANONICAL);
    expect(decoded.payload).toBe('{"a":[1,"x"]}');
  });

  test("takes the payload as it is: a string stays a string", () => {
    expect(decodeWell(canonicalWith("payload", '"hello"')).payload).toBe('"hello"');
    expect(decodeWell(canonicalWith("payload", '"{\\"a\\":1}"')).payload).toBe('"{\\"a\\":1}"');
  });

  test("knows no time window, and the widest limits that ingest can be set to", () => {
    const wide = `[${Array(40_000).fill(0)}]`;
    const deep = "[".repeat(128) + "]".repeat(128);

    expect(decodeWell(canonicalWith("ts", '"0001-01-01T00:00:00.000Z"')).ts).toStartWith("0001");
    expect(decodeWell(canonicalWith("payload", wide)).payload).toBe(wide);
    expect(decodeWell(canonicalWith("payload", deep)).payload).toBe(deep);
  });

  test("gives the canonical encoding as line when white space or order differ", () => {
    const decoded = decodeWell(
      ` {"payload": {"a":[1,"x"]},${CANONICAL.slice(1).replace(/,"payload".*/, "")} }`,
    );

    expect(decoded.line.toString()).toBe(CANONICAL);
  });

  const faults: [title: string, text: string, code: string, pointer: string][] = [
    [
      "the type has 129 characters",
      canonicalWith("eventType", `"${"t".repeat(129)}"`),
      "field_invalid",
      "/eventType",
    ],
    ["a field is missing", canonicalWith("ts", undefined), "field_missing", "/ts"],
    ["there is a seventh field", canonicalWith("more", "1"), "field_unknown", ""],
    ["the id is not well-formed", canonicalWith("eventId", '"a b"'), "field_invalid", "/eventId"],
    ["the session is no text", canonicalWith("sessionId", "1"), "field_invalid", "/sessionId"],
    [
      "the session has a NUL",
      canonicalWith("sessionId", '"\\u0000"'),
      "text_invalid",
      "/sessionId",
    ],
    ["the type is empty", canonicalWith("eventType", '""'), "field_invalid", "/eventType"],
    [
      "ts is not canonical",
      canonicalWith("ts", '"2026-01-31T07:00:00Z"'),
      "timestamp_invalid",
      "/ts",
    ],
    [
      "receivedAt does not exist",
      canonicalWith("receivedAt", '"2026-02-30T07:00:00.000Z"'),
      "timestamp_invalid",
      "/receivedAt",
    ],
    [
      "the payload is nested too deeply",
      canonicalWith("payload", "[".repeat(129) + "]".repeat(129)),
      "event_too_deep",
      "/payload",
    ],
    [
      "the payload has too many values",
      canonicalWith("payload", `[${Array(50_000).fill(0)}]`),
      "event_too_complex",
      "/payload",
    ],
    [
      "a number would change",
      canonicalWith("payload", "9007199254740993"),
      "number_invalid",
      "/payload",
    ],
  ];
  test.each(faults)("gives a fault when %s", (_title, text, code, pointer) => {
    expect(decode(text)).toEqual({ code, pointer } as never);
  });
});

describe("decodeRecord() of another producer's record", () => {
  test("brings it into canonical form, received at the record's own time", () => {
    const decoded = decodeWell(FOREIGN);

    expect(decoded).toMatchObject({
      sessionId: "s",
      payload: '{"a":1}',
      ts: "2026-03-01T00:00:00.000Z",
      receivedAt: "2026-03-01T00:00:00.000Z",
    });
    expect(decoded.line.toString()).toBe(encodeEvent(decoded));
  });

  test("makes the same id again from the same place, another from another", () => {
    expect(decodeWell(FOREIGN).eventId).toBe(decodeWell(FOREIGN).eventId);
    expect(decodeWell(FOREIGN, 42n).eventId).not.toBe(decodeWell(FOREIGN).eventId);
    expect(decodeWell(FOREIGN).eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  });

  test.each([
    ["2026-03-01T00:10:01Z", "2026-03-01T00:10:01.000Z"],
    ["2019-01-01T08:00:00+0800", "2019-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"],
  ])("keeps the ts %s, however far it is from the record's own time", (given, ts) => {
    const decoded = decodeWell(`{"sessionId":"s","eventType":"t","payload":1,"ts":"${given}"}`);

    expect(decoded).toMatchObject({ ts, receivedAt: "2026-03-01T00:00:00.000Z" });
    expect(decoded).not.toHaveProperty("tsReplaced");
  });

  test("takes what HTTP takes: null for absent fields, milliseconds, types of 128 characters", () => {
    const type = "t".repeat(128);
    const text = `{"eventId":null,"sessionId":"s","eventType":"${type}","payload":{"constructor":1},"ts":1772323200001}`;

    expect(decodeWell(text)).toMatchObject({
      eventId: decodeWell(FOREIGN).eventId,
      eventType: type,
      ts: "2026-03-01T00:00:00.001Z",
      payload: '{"constructor":1}',
    });
  });

  test("gives field_unknown when it claims a context: only ingest may say who sent it", () => {
    const text = '{"sessionId":"s","eventType":"t","payload":1,"context":{"source":"me"}}';

    expect(decode(text)).toEqual({ code: "field_unknown", pointer: "" });
  });

  const faults: [title: string, value: string | Buffer | null, code: string][] = [
    ["null", null, "record_corrupt"],
    ["empty", "", "record_corrupt"],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), "record_corrupt"],
    ["no JSON", "{", "record_corrupt"],
    ["5 MB", Buffer.alloc(5_000_000, 48), "event_too_large"],
    ["20,000 levels deep", "[".repeat(20_000) + "]".repeat(20_000), "invalid_event"],
    ["a text", '"x"', "invalid_event"],
    ["without a payload", '{"sessionId":"s","eventType":"t"}', "field_missing"],
    [
      "with a number that would change",
      `{"sessionId":"s","eventType":"t","payload":1e400}`,
      "number_invalid",
    ],
  ];
  test.each(faults)("gives a fault when it is %s", (_title, value, code) => {
    expect(decode(value)).toMatchObject({ code });
  });

  test.each([-1, 1_760_000_000_000_000])(
    "takes the ts that it brings for its receive time when Kafka's timestamp is %d",
    (timestampMs) => {
      const ts = "2026-03-01T00:00:00.000Z";
      const brought = FOREIGN.replace("{", `{"ts":"${ts}",`);

      expect(decode(brought, 0n, timestampMs)).toMatchObject({ ts, receivedAt: ts });
      expect(decode(FOREIGN, 0n, timestampMs)).toEqual({ code: "timestamp_invalid", pointer: "" });
      expect(decode(FOREIGN.replace("{", '{"ts":null,'), 0n, timestampMs)).toEqual({
        code: "timestamp_invalid",
        pointer: "",
      });
    },
  );

  test("keeps the ts that it brings when Kafka's timestamp is 0", () => {
    const ts = "2026-03-01T00:00:00.000Z";

    expect(decode(FOREIGN.replace("{", `{"ts":"${ts}",`), 0n, 0)).toMatchObject({
      ts,
      receivedAt: "1970-01-01T00:00:00.000Z",
    });
  });
});

describe("decodeRecord() of a record that was sent again", () => {
  const ORIGINAL: SourceRecord = {
    partition: 3,
    offset: 41n,
    timestampMs: RECORD_MS,
    value: Buffer.from(FOREIGN),
    headers: [{ key: "own", value: Buffer.from("kept") }],
  };

  /** As the log has it: at another place, later, with the headers of a resend. */
  function resent(record: SourceRecord, letterId = "7", topicId = "topic/id+="): SourceRecord {
    const headers = resentHeaders(record, { letterId, topicId });
    return { ...record, partition: 1, offset: 900n, timestampMs: RECORD_MS + 9e9, headers };
  }

  test("gives the event that the original would have been, from any place and log", () => {
    const original = decodeRecord(ORIGINAL, "topic/id+=");

    const once = decodeRecord(resent(ORIGINAL), "another-log");
    const twice = decodeRecord(resent(resent(ORIGINAL), "8", "another-log"), "a-third");

    expect(once).toEqual(original);
    expect(twice).toEqual(original);
  });

  test("keeps the record's own headers, and links to the last letter and the first place", () => {
    const again = resent(resent(ORIGINAL), "8", "another-log");

    const headers = (again.headers ?? []).map(({ key, value }) => [key, value?.toString()]);

    expect(headers).toEqual([
      ["own", "kept"],
      ["tally.dead-letter.id", "8"],
      ["tally.dead-letter.origin", `topic/id+=/3/41/${RECORD_MS}`],
    ]);
  });

  test("keeps a record without a time without one", () => {
    const timeless = { ...ORIGINAL, timestampMs: -1 };

    const decoded = decodeRecord(resent(timeless), "topic/id+=");

    expect(decoded).toEqual({ code: "timestamp_invalid", pointer: "" });
  });

  test("ignores an origin that is none", () => {
    const own = decodeRecord(ORIGINAL, "topic-id");
    for (const text of ["", "x", "id/1/2", "id/-1/2/3", "id/1/2/3/", "id/1/2/1e3", "/1/2/3"]) {
      const headers = [{ key: RESENT_HEADERS.origin, value: Buffer.from(text) }];

      expect(originOf({ ...ORIGINAL, headers }, "topic-id")).toMatchObject({ offset: 41n });
      expect(decodeRecord({ ...ORIGINAL, headers }, "topic-id")).toEqual(own);
    }
  });
});
