import { describe, expect, test } from "bun:test";
import { decodeRecord, resentHeaders, type RecordHeader, type SourceRecord } from "./record.ts";
import { REJECTED_HEADERS, RESENT_HEADERS } from "./record_headers.ts";

const FOREIGN = '{"sessionId":"s","eventType":"t","payload":1}';
const RECORD_MS = Date.parse("2026-03-01T00:00:00.000Z");

describe("decodeRecord() of an event that ingest rejected", () => {
  const header = (key: string, text: string) => ({ key, value: Buffer.from(text) });
  const rejected = (...headers: RecordHeader[]): SourceRecord => ({
    partition: 3,
    offset: 41n,
    timestampMs: RECORD_MS,
    value: Buffer.from(FOREIGN),
    headers,
  });

  test("gives the code and the pointer of the rejection, whatever the value is", () => {
    const headers = [
      header(REJECTED_HEADERS.code, "event_too_large"),
      header(REJECTED_HEADERS.pointer, "/payload"),
    ];
    const fault = { code: "event_too_large", pointer: "/payload" } as const;

    expect(decodeRecord(rejected(...headers), "topic")).toEqual(fault);
    expect(decodeRecord({ ...rejected(...headers), value: null }, "topic")).toEqual(fault);
  });

  test.each([
    ["no such code", "no_such_code"],
    ["a key of every object", "constructor"],
    ["a code that is not the sender's fault", "overloaded"],
    ["nothing", ""],
  ])("gives record_corrupt when the header holds %s", (_title, code) => {
    const record = rejected(header(REJECTED_HEADERS.code, code));

    expect(decodeRecord(record, "topic")).toEqual({ code: "record_corrupt", pointer: "" });
  });

  test("leaves out a pointer that is none", () => {
    for (const pointer of ["payload", "/a b", "/\0", `/${"a".repeat(65)}`, "/a/b/c"]) {
      const record = rejected(
        header(REJECTED_HEADERS.code, "field_invalid"),
        header(REJECTED_HEADERS.pointer, pointer),
      );

      expect(decodeRecord(record, "topic")).toEqual({ code: "field_invalid", pointer: "" });
    }
  });

  test("is judged again when the record is resent", () => {
    const record = rejected(
      header("own", "kept"),
      ...Object.values(REJECTED_HEADERS).map((name) => header(name, "text_invalid")),
    );

    const headers = resentHeaders(record, { letterId: "7", topicId: "topic" });
    const event = decodeRecord({ ...record, headers }, "topic");

    expect(event).toMatchObject({ sessionId: expect.any(String) });
    expect(headers.map(({ key }) => key)).toEqual(["own", ...Object.values(RESENT_HEADERS)]);
  });

  test("reads a record with other headers as before", () => {
    const own = rejected(header("traceparent", "00"), header("tally.rejected.source", "web"));

    expect(decodeRecord(own, "topic")).toMatchObject({ sessionId: expect.any(String) });
  });
});
