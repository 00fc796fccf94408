/** What is written on the DLQ topic is read again; what others write there is left out. */
import { describe, expect, test } from "bun:test";
import { ERRORS, type RecordHeader } from "@tally/shared";
import type { ConsumedRecord, OutgoingRecord } from "@tally/shared/kafka";
import { encodeHeaders } from "./dead_letter.ts";
import { readCopy, writeCopy, type PublishedLetter } from "./letter_copy.ts";

const PUBLISHED_MS = Date.parse("2026-01-31T07:00:00.000Z");

const LETTER: PublishedLetter = {
  id: "17",
  topic: "events",
  topic_id: "q3xhBvhCQ3O4VwBKBTXfmw",
  partition: 5,
  offset: "9007199254740993",
  code: "timestamp_out_of_range",
  pointer: "/ts",
  message: "A title",
  event_id: "an-id",
  key: Buffer.from("k"),
  value: Buffer.from("v"),
  headers: encodeHeaders([]),
  record_timestamp_ms: "-1",
};

function consumed({ key, value, headers = [] }: OutgoingRecord): ConsumedRecord {
  const place = { topic: "events.DLQ", partition: 0, offset: 3n, timestampMs: PUBLISHED_MS };
  const bytes = (content: string | Buffer | null) =>
    content === null ? null : Buffer.from(content);
  return { ...place, key: bytes(key), value: bytes(value), headers };
}

/** The copy of a letter with one of its headers changed; without it when the text is undefined. */
function damaged(key: string, text?: string): ConsumedRecord {
  const { headers, ...record } = consumed(writeCopy(LETTER, false));
  const others = headers.filter((header) => header.key !== key);
  const changed = text === undefined ? [] : [{ key, value: Buffer.from(text) }];
  // The topic's header begins those of the copy.
  const [first, rest] =
    key === "__connect.errors.topic" ? [changed, others] : [others.slice(0, 1), others.slice(1)];
  return { ...record, headers: [...first, ...(first === changed ? [] : changed), ...rest] };
}

describe("readCopy()", () => {
  test.each([false, true])("readCopy() reads what writeCopy() wrote, as a pointer: %p", (is) => {
    expect(readCopy(consumed(writeCopy(LETTER, is)))).toEqual({
      topic: "events",
      topicId: "q3xhBvhCQ3O4VwBKBTXfmw",
      partition: 5,
      offset: 9007199254740993n,
      code: "timestamp_out_of_range",
      pointer: "/ts",
      message: "A title",
      eventId: "an-id",
      recordTimestampMs: "-1",
      publishedAt: "2026-01-31T07:00:00.000Z",
    });
  });

  test("readCopy() reads letters without a pointer to a field and without an event id", () => {
    const letter = { ...LETTER, pointer: "", event_id: null, message: "Reason (of a kind)" };
    const read = readCopy(consumed(writeCopy(letter, false)));
    expect(read).toMatchObject({ pointer: "", eventId: null, message: "Reason (of a kind)" });
  });

  test("readCopy() reads a copy of a version that did not write the topic's id", () => {
    expect(readCopy(damaged("tally.topic_id"))).toMatchObject({ topicId: null, partition: 5 });

    const value = Buffer.from('{"eventId":"in-the-value"}');
    const headers = damaged("tally.topic_id").headers.filter(({ key }) => key !== "tally.event_id");
    const older = { ...consumed(writeCopy({ ...LETTER, value }, false)), headers };
    expect(readCopy(older)).toMatchObject({ topicId: null, eventId: "in-the-value" });
  });

  test("readCopy() is not misled by a record that has such headers itself", () => {
    const own: RecordHeader[] = [
      { key: "tally.topic_id", value: Buffer.from("another") },
      ...(writeCopy({ ...LETTER, topic: "other", offset: "1" }, false).headers ?? []),
    ];
    const read = readCopy(consumed(writeCopy({ ...LETTER, headers: encodeHeaders(own) }, false)));
    expect(read).toMatchObject({ topic: "events", offset: 9007199254740993n });
    expect(read?.topicId).toBe(LETTER.topic_id);
  });

  test.each([
    ["__connect.errors.topic", undefined],
    ["__connect.errors.connector.name", "s3-sink"],
    ["__connect.errors.connector.name", undefined],
    ["__connect.errors.partition", "-1"],
    ["__connect.errors.partition", "4294967296000"],
    ["__connect.errors.offset", ""],
    ["__connect.errors.offset", "1.5"],
    ["__connect.errors.offset", "99999999999999999999"],
    ["__connect.errors.exception.class.name", "java.lang.NullPointerException"],
    ["__connect.errors.exception.class.name", undefined],
    ["__connect.errors.exception.message", "a\0b"],
    ["__connect.errors.exception.message", "a".repeat(1001)],
    ["tally.record.timestamp_ms", "soon"],
    ["tally.event_id", "no id\n"],
  ])("readCopy() leaves out a record with the header %s: %p", (key, text) => {
    expect(readCopy(damaged(key, text))).toBeNull();
  });

  test("readCopy() leaves out a record without headers", () => {
    expect(readCopy({ ...consumed(writeCopy(LETTER, false)), headers: [] })).toBeNull();
  });

  test.each([-1, 0, 1e15, Number.NaN])("readCopy() uses no publish time of %d", (timestampMs) => {
    const record = { ...consumed(writeCopy(LETTER, false)), timestampMs };
    expect(readCopy(record)).toMatchObject({ publishedAt: null, offset: 9007199254740993n });
  });
});

test("no reason of the table of errors contains what separates it from the pointer", () => {
  for (const { title } of Object.values(ERRORS)) expect(title).not.toContain(" (/");
});
