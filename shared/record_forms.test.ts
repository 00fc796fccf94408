/** The forms of a canonical record: with a context, and as earlier versions of ingest wrote it. */
import { describe, expect, test } from "bun:test";
import { encodeEvent } from "./accepted_event.ts";
import { decodeRecord, isRecordFault } from "./record.ts";

const CANONICAL =
  '{"eventId":"e1","sessionId":"s\\u0001ä😀","eventType":"t","ts":"2026-01-31T07:00:00.000Z","receivedAt":"2026-01-31T07:00:01.000Z","payload":{"a":[1,"x"]}}';

function decode(value: string | Buffer) {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return decodeRecord({ partition: 3, offset: 41n, timestampMs: 0, value: bytes }, "topic-id");
}

function decodeWell(value: string | Buffer) {
  const decoded = decode(value);
  if (isRecordFault(decoded)) throw new Error(`${decoded.code} ${decoded.pointer}`);
  return decoded;
}

describe("decodeRecord()", () => {
  test("reads the source in its context, and gives the value itself as its line", () => {
    const value = Buffer.from(CANONICAL.replace(/\}$/, ',"context":{"source":"web-1.a_B"}}'));

    const decoded = decodeWell(value);

    expect(decoded).toMatchObject({ source: "web-1.a_B", payload: '{"a":[1,"x"]}' });
    expect(decoded.line).toBe(value);
    expect(encodeEvent(decoded)).toBe(value.toString());
  });

  test("puts the context last in the line when it stands elsewhere", () => {
    const context = '"context":{"source":"web"}';

    const decoded = decodeWell(`{${context},${CANONICAL.slice(1)}`);

    expect(decoded.line.toString()).toBe(CANONICAL.replace(/\}$/, `,${context}}`));
  });

  test("has no source when there is no context", () => {
    expect(decodeWell(CANONICAL)).not.toHaveProperty("source");
  });

  const contexts = [
    "null",
    "{}",
    "[]",
    '"web"',
    '{"source":null}',
    '{"source":""}',
    '{"source":5}',
    '{"source":"a b"}',
    '{"source":"ä"}',
    '{"source":"web\\n"}',
    `{"source":"${"s".repeat(65)}"}`,
    '{"source":"web","more":1}',
    '{"sender":"web"}',
  ];
  test.each(contexts)("gives field_invalid when the context is %s", (context) => {
    expect(decode(`${CANONICAL.slice(0, -1)},"context":${context}}`)).toEqual({
      code: "field_invalid",
      pointer: "/context",
    });
  });

  // What ingest wrote before types of 128 characters and the context, byte for byte.
  test.each([
    CANONICAL,
    '{"eventId":"019bbf3c-7b10-7000-8d3c-1f0f5c0e2a11","sessionId":"test-1","eventType":"page_view","ts":"2026-01-31T07:00:00.000Z","receivedAt":"2026-01-31T07:00:00.000Z","payload":{"path":"/home"}}',
    `{"eventId":"a","sessionId":"s","eventType":"${"t".repeat(64)}","ts":"2026-01-31T07:00:00.000Z","receivedAt":"2026-01-31T07:00:00.001Z","payload":"{\\"a\\":1}"}`,
    '{"eventId":"a","sessionId":"s","eventType":"t","ts":"2025-02-01T07:00:00.000Z","receivedAt":"2026-01-31T07:00:00.001Z","payload":{"context":{"source":"web"}}}',
    '{"eventId":"a","sessionId":"s","eventType":"t","ts":"2025-02-01T07:00:00.000Z","receivedAt":"2026-01-31T07:00:00.001Z","payload":null}',
  ])("reads the old form as before: %s", (text) => {
    const value = Buffer.from(text);

    const decoded = decodeWell(value);

    expect(decoded.line).toBe(value);
    expect(decoded).not.toHaveProperty("source");
    expect(JSON.stringify(JSON.parse(decoded.payload))).toBe(decoded.payload);
  });
});
