import { decodeRecord, REJECTED_HEADERS, type Rejection } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { rejectedEvent } from "./rejected_event.ts";

const REJECTION: Rejection = { code: "event_too_complex", pointer: "/payload" };
const OPTIONS = { valueBytesMax: 1000, source: null, newId: () => "made" };

function record(raw: unknown, rejection = REJECTION, options = OPTIONS) {
  const event = rejectedEvent(raw, rejection, options);
  const headers = event.headers.map(({ key, value }) => [key, String(value)] as const);
  return { ...event, value: String(event.value), headers: Object.fromEntries(headers) };
}

describe("rejectedEvent()", () => {
  test("rejectedEvent() holds the event and says why", () => {
    const raw = { eventId: "e", sessionId: "s", eventType: "t", payload: { a: 1 } };

    expect(record(raw)).toEqual({
      key: "s",
      value: JSON.stringify(raw),
      headers: { "tally.rejected": "event_too_complex", "tally.rejected.pointer": "/payload" },
      bytes: JSON.stringify(raw).length + 1,
    });
  });

  test("rejectedEvent() is what the processor reads as that dead letter", () => {
    const { headers, value } = rejectedEvent({ sessionId: "s" }, REJECTION, OPTIONS);
    const place = { partition: 0, offset: 1n, timestampMs: 5 };

    expect(decodeRecord({ ...place, headers, value: Buffer.from(value) }, "topic")).toEqual(
      REJECTION,
    );
  });

  test("rejectedEvent() names the sender, and leaves out an empty pointer", () => {
    const { headers } = rejectedEvent(
      5,
      { code: "invalid_event", pointer: "" },
      { ...OPTIONS, source: "shop" },
    );

    expect(headers.map(({ key }) => key)).toEqual([REJECTED_HEADERS.code, REJECTED_HEADERS.source]);
  });

  const keys: [title: string, raw: unknown, key: string][] = [
    ["the id where the session is bad", { sessionId: 7, eventId: "e" }, "e"],
    ["the id where there is no session", { eventId: "e" }, "e"],
    ["a new id where both are bad", { sessionId: "", eventId: "a b" }, "made"],
    ["a new id where it is no object", "text", "made"],
    ["a new id of null", null, "made"],
  ];
  test.each(keys)("rejectedEvent() has for its key %s", (_title, raw, key) => {
    expect(record(raw).key).toBe(key);
  });

  test("rejectedEvent() keeps the plain fields of an event that is nested too deeply to be printed", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`);

    expect(record({ eventId: "e", sessionId: "s", payload: deep }).value).toBe(
      '{"eventId":"e","sessionId":"s"}',
    );
    expect(record({ a: 1, payload: deep }).value).toBe("{}");
    expect(record(deep).value).toBe("[]");
    // An array of a million values as an event; the objects of it are not copied one by one.
    expect(record([deep, ...Array<number>(1000).fill(0)]).value).toBe("[]");
  });

  test("rejectedEvent() is cut between two characters, and names the size", () => {
    const raw = { sessionId: "s", payload: "ä".repeat(2000) };

    const { value, headers, bytes } = record(raw);

    expect(Buffer.byteLength(value)).toBeOneOf([999, 1000]);
    expect(value).toEndWith("ä");
    expect(headers[REJECTED_HEADERS.bytes]).toBe(String(Buffer.byteLength(JSON.stringify(raw))));
    expect(bytes).toBe(Buffer.byteLength(value) + 1);
  });
});
