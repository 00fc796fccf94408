import { describe, expect, test } from "bun:test";
import { FIXED_EVENT_LIMITS, isRejection, parseEvent, type EventLimits } from "./event.ts";
import { hasBadNumber, hasSuspiciousNumber } from "./json.ts";
import { encodeEvent } from "./accepted_event.ts";

const NOW_MS = Date.parse("2026-06-15T12:00:00.000Z");
const GOOD = '"sessionId":"s","eventType":"t"';
const REJECTING: EventLimits = { ...FIXED_EVENT_LIMITS, tsOutside: "reject" };

/** Judges the text of one event, as ingest does. */
function judge(text: string, limits: EventLimits = REJECTING) {
  const context = { limits, receivedAtMs: NOW_MS, newEventId: () => "made" };
  const badNumber = hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length);
  return parseEvent(JSON.parse(text), context, badNumber);
}

describe("parseEvent() rejects", () => {
  const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  const table: [title: string, text: string, code: string, pointer: string][] = [
    ["null", "null", "invalid_event", ""],
    ["an array", "[]", "invalid_event", ""],
    ["a number", "5", "invalid_event", ""],
    ["a text", '"x"', "invalid_event", ""],
    ["nothing in it", "{}", "field_missing", "/sessionId"],
    ["no eventType", '{"sessionId":"s","payload":1}', "field_missing", "/eventType"],
    ["no payload", `{${GOOD}}`, "field_missing", "/payload"],
    ["another field", `{${GOOD},"payload":1,"more":1}`, "field_unknown", ""],
    ["the field __proto__", `{${GOOD},"payload":1,"__proto__":{}}`, "key_forbidden", ""],
    ["the field constructor", `{${GOOD},"payload":1,"constructor":1}`, "field_unknown", ""],
    [
      "the field constructor with a prototype",
      `{${GOOD},"payload":1,"constructor":{"prototype":{}}}`,
      "key_forbidden",
      "",
    ],
    ["the field context", `{${GOOD},"payload":1,"context":{"source":"me"}}`, "field_unknown", ""],
    [
      "an empty sessionId",
      '{"sessionId":"","eventType":"t","payload":1}',
      "field_invalid",
      "/sessionId",
    ],
    [
      "a sessionId that is no text",
      '{"sessionId":5,"eventType":"t","payload":1}',
      "field_invalid",
      "/sessionId",
    ],
    [
      "a sessionId of null",
      '{"sessionId":null,"eventType":"t","payload":1}',
      "field_invalid",
      "/sessionId",
    ],
    [
      "a long sessionId",
      `{"sessionId":"${"s".repeat(129)}","eventType":"t","payload":1}`,
      "field_invalid",
      "/sessionId",
    ],
    [
      "NUL in sessionId",
      '{"sessionId":"a\\u0000","eventType":"t","payload":1}',
      "text_invalid",
      "/sessionId",
    ],
    [
      "a long eventType",
      `{"sessionId":"s","eventType":"${"😀".repeat(129)}","payload":1}`,
      "field_invalid",
      "/eventType",
    ],
    [
      "half a pair in eventType",
      '{"sessionId":"s","eventType":"\\udc00","payload":1}',
      "text_invalid",
      "/eventType",
    ],
    ["an empty eventId", `{${GOOD},"payload":1,"eventId":""}`, "field_invalid", "/eventId"],
    ["an eventId of dots", `{${GOOD},"payload":1,"eventId":".."}`, "field_invalid", "/eventId"],
    [
      "an eventId with a slash",
      `{${GOOD},"payload":1,"eventId":"a/b"}`,
      "field_invalid",
      "/eventId",
    ],
    [
      "an eventId with a line end",
      `{${GOOD},"payload":1,"eventId":"a\\n"}`,
      "field_invalid",
      "/eventId",
    ],
    [
      "a long eventId",
      `{${GOOD},"payload":1,"eventId":"${"a".repeat(65)}"}`,
      "field_invalid",
      "/eventId",
    ],
    [
      "an eventId that is a number",
      `{${GOOD},"payload":1,"eventId":7}`,
      "field_invalid",
      "/eventId",
    ],
    ["2026-02-30", `{${GOOD},"payload":1,"ts":"2026-02-30T00:00:00Z"}`, "timestamp_invalid", "/ts"],
    ["a ts of seconds", `{${GOOD},"payload":1,"ts":1781524800}`, "timestamp_invalid", "/ts"],
    ["a ts just too small", `{${GOOD},"payload":1,"ts":99999999999}`, "timestamp_invalid", "/ts"],
    [
      "a ts of microseconds",
      `{${GOOD},"payload":1,"ts":1781524800000000}`,
      "timestamp_invalid",
      "/ts",
    ],
    [
      "a ts with a fraction",
      `{${GOOD},"payload":1,"ts":1781524800000.5}`,
      "timestamp_invalid",
      "/ts",
    ],
    ["a negative ts", `{${GOOD},"payload":1,"ts":-1781524800000}`, "timestamp_invalid", "/ts"],
    [
      "a ts of digits in a text",
      `{${GOOD},"payload":1,"ts":"1781524800000"}`,
      "timestamp_invalid",
      "/ts",
    ],
    ["a ts of another type", `{${GOOD},"payload":1,"ts":true}`, "timestamp_invalid", "/ts"],
    [
      "an old ts of milliseconds",
      `{${GOOD},"payload":1,"ts":100000000000}`,
      "timestamp_out_of_range",
      "/ts",
    ],
    [
      "an old ts",
      `{${GOOD},"payload":1,"ts":"2025-06-14T11:59:59.999Z"}`,
      "timestamp_out_of_range",
      "/ts",
    ],
    [
      "a future ts",
      `{${GOOD},"payload":1,"ts":"2026-06-15T12:10:00.001Z"}`,
      "timestamp_out_of_range",
      "/ts",
    ],
    [
      "a payload text that is no JSON",
      `{${GOOD},"payload":"hello"}`,
      "payload_not_json",
      "/payload",
    ],
    ["an empty payload text", `{${GOOD},"payload":""}`, "payload_not_json", "/payload"],
    ["NUL in the payload", `{${GOOD},"payload":["\\u0000"]}`, "text_invalid", "/payload"],
    [
      "NUL in JSON in the payload",
      `{${GOOD},"payload":"\\"\\\\u0000\\""}`,
      "text_invalid",
      "/payload",
    ],
    ["half a pair in the payload", `{${GOOD},"payload":{"\\ud800":1}}`, "text_invalid", "/payload"],
    [
      "__proto__ in the payload",
      `{${GOOD},"payload":{"a":[{"__proto__":1}]}}`,
      "key_forbidden",
      "/payload",
    ],
    [
      "__proto__ in JSON in the payload",
      `{${GOOD},"payload":"{\\"__proto__\\":1}"}`,
      "key_forbidden",
      "/payload",
    ],
    ["1e400", `{${GOOD},"payload":1e400}`, "number_invalid", "/payload"],
    ["1e-400", `{${GOOD},"payload":{"a":1e-400}}`, "number_invalid", "/payload"],
    ["9007199254740993", `{${GOOD},"payload":[9007199254740993]}`, "number_invalid", "/payload"],
    [
      "9007199254740993 in JSON in the payload",
      `{${GOOD},"payload":"9007199254740993"}`,
      "number_invalid",
      "/payload",
    ],
    ["33 levels", `{${GOOD},"payload":${deep(33)}}`, "event_too_deep", "/payload"],
    [
      "33 levels in JSON in the payload",
      `{${GOOD},"payload":"${deep(33)}"}`,
      "event_too_deep",
      "/payload",
    ],
    ["100,000 levels", `{${GOOD},"payload":${deep(100_000)}}`, "event_too_deep", "/payload"],
    [
      "1,001 values",
      `{${GOOD},"payload":[${Array(1000).fill(0)}]}`,
      "event_too_complex",
      "/payload",
    ],
    ["64 KiB and more", `{${GOOD},"payload":{"a":"${"ä".repeat(33_000)}"}}`, "event_too_large", ""],
  ];
  test.each(table)("%s", (_title, text, code, pointer) => {
    expect(judge(text)).toEqual({ code, pointer } as never);
  });

  test("with the event's own id when that is well-formed", () => {
    const verdict = judge(`{${GOOD},"eventId":"mine","payload":"hello"}`);

    expect(verdict).toEqual({ code: "payload_not_json", pointer: "/payload", eventId: "mine" });
  });
});

describe("parseEvent() accepts", () => {
  const table: [title: string, text: string, part: object][] = [
    [
      "the demo's form",
      `{${GOOD},"payload":"{\\"path\\": \\"/home\\"}"}`,
      { payload: '{"path":"/home"}' },
    ],
    ["a text that holds a JSON text", `{${GOOD},"payload":"\\"hello\\""}`, { payload: '"hello"' }],
    ["a payload of null", `{${GOOD},"payload":null}`, { payload: "null" }],
    ["32 levels", `{${GOOD},"payload":${"[".repeat(32)}${"]".repeat(32)}}`, {}],
    [
      "128 characters beyond the BMP in eventType",
      `{"sessionId":"s","eventType":"${"😀".repeat(128)}","payload":1}`,
      {},
    ],
    ["an eventId of null", `{${GOOD},"payload":1,"eventId":null}`, { eventId: "made" }],
    ["a ts of null", `{${GOOD},"payload":1,"ts":null}`, { ts: "2026-06-15T12:00:00.000Z" }],
    [
      "a ts of milliseconds",
      `{${GOOD},"payload":1,"ts":1781524800001}`,
      { ts: "2026-06-15T12:00:00.001Z" },
    ],
    [
      "a ts of milliseconds with an exponent",
      `{${GOOD},"payload":1,"ts":1.7815248e12}`,
      { ts: "2026-06-15T12:00:00.000Z" },
    ],
    [
      "a zone without a colon",
      `{${GOOD},"payload":1,"ts":"2026-06-15T20:00:00+0800"}`,
      { ts: "2026-06-15T12:00:00.000Z" },
    ],
    [
      "the key constructor",
      `{${GOOD},"payload":{"constructor":"Ford","prototype":{}}}`,
      { payload: '{"constructor":"Ford","prototype":{}}' },
    ],
    ["no ts", `{${GOOD},"payload":1}`, { ts: "2026-06-15T12:00:00.000Z", eventId: "made" }],
    [
      "the oldest ts",
      `{${GOOD},"payload":1,"ts":"2025-06-14T12:00:00Z"}`,
      { ts: "2025-06-14T12:00:00.000Z" },
    ],
    [
      "the latest ts",
      `{${GOOD},"payload":1,"ts":"2026-06-15T14:10:00+02:00"}`,
      { ts: "2026-06-15T12:10:00.000Z" },
    ],
    [
      "128 characters beyond the BMP",
      `{"sessionId":"${"😀".repeat(128)}","eventType":"t","payload":1}`,
      {},
    ],
    ["the last of two equal keys", `{${GOOD},"payload":{"a":1,"a":2}}`, { payload: '{"a":2}' }],
    [
      "an id of every kind of character",
      `{${GOOD},"payload":1,"eventId":"A.z_0:9-."}`,
      { eventId: "A.z_0:9-." },
    ],
    [
      "the nearest double",
      `{${GOOD},"payload":0.1000000000000000055511151231257827}`,
      { payload: "0.1" },
    ],
  ];
  test.each(table)("%s", (_title, text, part) => {
    expect(judge(text)).toMatchObject({ receivedAt: "2026-06-15T12:00:00.000Z", ...part });
  });

  test("exactly what fits: the limit counts the bytes of the canonical encoding", () => {
    const accepted = judge(`{${GOOD},"payload":"${"[" + "1,".repeat(99) + "1]"}"}`);
    if (isRejection(accepted)) throw new Error(accepted.code);
    const bytes = Buffer.byteLength(encodeEvent(accepted));
    const limited = (eventBytesMax: number) =>
      parseEvent(
        { sessionId: "s", eventType: "t", payload: JSON.parse(accepted.payload) },
        {
          limits: { ...REJECTING, eventBytesMax },
          receivedAtMs: NOW_MS,
          newEventId: () => "made",
        },
        false,
      );

    expect(isRejection(limited(bytes))).toBe(false);
    expect(limited(bytes - 1)).toEqual({ code: "event_too_large", pointer: "" });
  });
});
