import { ERRORS } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import { describe, expect, test } from "bun:test";
import { deadLetter, decodeHeaders, encodeHeaders } from "./dead_letter.ts";

function record(value: Buffer | null, headers: ConsumedRecord["headers"] = []): ConsumedRecord {
  return {
    topic: "events",
    partition: 2,
    offset: 41n,
    timestampMs: 1_700_000_000_000,
    key: Buffer.from([0xff, 0x00]),
    value,
    headers,
  };
}

describe("deadLetter()", () => {
  test("deadLetter() keeps the exact bytes when the record is no UTF-8", () => {
    const value = Buffer.from([0xff, 0xfe, 0x00]);

    const letter = deadLetter(record(value), { code: "record_corrupt", pointer: "" });

    expect(letter).toMatchObject({
      offset: 41n,
      code: "record_corrupt",
      message: ERRORS.record_corrupt.title,
      eventId: null,
      recordTimestampMs: 1_700_000_000_000,
    });
    expect(letter.value?.equals(value)).toBe(true);
    expect(letter.key?.equals(Buffer.from([0xff, 0x00]))).toBe(true);
  });

  test("deadLetter() finds the event's id when the record names a well-formed one", () => {
    const fault = { code: "field_missing", pointer: "/sessionId" } as const;

    const ids = ['{"eventId":"a-1"}', '{"eventId":"a b"}', '{"eventId":5}', "[1]", "null"].map(
      (text) => deadLetter(record(Buffer.from(text)), fault).eventId,
    );

    expect(ids).toEqual(["a-1", null, null, null, null]);
  });

  test("deadLetter() takes the decoded event's id when the fault carries it", () => {
    const fault = { code: "id_conflict", pointer: "", eventId: "made-id" } as const;

    expect(deadLetter(record(Buffer.from("{}")), fault).eventId).toBe("made-id");
  });

  test("deadLetter() gives no id when the value is null, huge or nested deeper than any stack", () => {
    const fault = { code: "record_corrupt", pointer: "" } as const;
    const deep = Buffer.from("[".repeat(100_000));
    const huge = Buffer.from(`{"eventId":"a","x":"${"y".repeat(1_000_000)}"}`);

    const ids = [null, deep, huge].map((value) => deadLetter(record(value), fault).eventId);

    expect(ids).toEqual([null, null, null]);
  });

  test("encodeHeaders() and decodeHeaders() give back names, bytes and nulls when repeated or binary", () => {
    const headers = [
      { key: "a", value: Buffer.from([0, 255]) },
      { key: "a", value: null },
      { key: "ünï", value: Buffer.from("x") },
    ];

    expect(decodeHeaders(encodeHeaders(headers))).toEqual(headers);
  });
});
