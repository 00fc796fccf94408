import { describe, expect, test } from "bun:test";
import { FIXED_EVENT_LIMITS, type ParseContext } from "@tally/shared";
import { eventIdOf, sessionIdOf } from "./identity.ts";
import { judgeCloudEvent } from "./judge.ts";

const CONTEXT: ParseContext = {
  limits: { ...FIXED_EVENT_LIMITS, tsOutside: "replace" },
  receivedAtMs: Date.parse("2026-06-15T12:00:00.000Z"),
  newEventId: () => "never made",
};
const EVENT = {
  specversion: "1.0",
  id: "A234-1234-1234",
  source: "/mycontext",
  type: "com.example.someevent",
};
const ID = eventIdOf(EVENT);

const judge = (changes: object) => judgeCloudEvent({ ...EVENT, ...changes }, CONTEXT, false);
const without = (name: keyof typeof EVENT) =>
  judgeCloudEvent({ ...EVENT, [name]: undefined }, CONTEXT, false);

describe("judgeCloudEvent()", () => {
  test("makes an event of the attributes, and the payload of data alone", () => {
    const event = judge({
      subject: "123",
      time: "2026-06-15T13:30:00.5+02:00",
      datacontenttype: "application/json",
      dataschema: "https://example.com/schema",
      comexampleothervalue: 5,
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      data: { appinfoA: "abc", appinfoB: 123 },
    });

    expect(event).toEqual({
      eventId: ID,
      sessionId: "123",
      eventType: "com.example.someevent",
      ts: "2026-06-15T11:30:00.500Z",
      receivedAt: "2026-06-15T12:00:00.000Z",
      payload: '{"appinfoA":"abc","appinfoB":123}',
    });
  });

  test("takes the source as session when there is no subject, and the receive time as time", () => {
    const event = { sessionId: "/mycontext", ts: "2026-06-15T12:00:00.000Z", payload: "null" };

    expect(judge({})).toMatchObject(event);
    expect(judge({ subject: null, time: null, data: null, data_base64: null })).toMatchObject(
      event,
    );
  });

  test("shortens a long subject and a long source", () => {
    const long = `/subscriptions/${"s".repeat(300)}`;

    expect(judge({ subject: long })).toMatchObject({ sessionId: sessionIdOf(long), eventId: ID });
    expect(judge({ source: long })).toMatchObject({ sessionId: sessionIdOf(long) });
  });

  test.each([
    ["I'm just a string", '"I\'m just a string"'],
    ['{"a":1}', '"{\\"a\\":1}"'],
    ['<much wow="xml"/>', '"<much wow=\\"xml\\"/>"'],
    ["", '""'],
    ["9007199254740993", '"9007199254740993"'],
    [0, "0"],
    [false, "false"],
    [[1, "2"], '[1,"2"]'],
  ])("keeps data %p as it is", (data, payload) => {
    expect(judge({ data, datacontenttype: "text/xml" })).toMatchObject({ payload });
  });

  test.each(["specversion", "id", "source", "type"] as const)("misses %s", (name) => {
    expect(without(name)).toMatchObject({ code: "field_missing", pointer: `/${name}` });
    expect(judge({ [name]: null })).toMatchObject({ code: "field_missing", pointer: `/${name}` });
  });

  test.each([
    [{ specversion: "0.3" }, "specversion_unsupported", "/specversion"],
    [{ specversion: 1 }, "specversion_unsupported", "/specversion"],
    [{ id: "" }, "field_invalid", "/id"],
    [{ id: 5 }, "field_invalid", "/id"],
    [{ id: "a\nb" }, "field_invalid", "/id"],
    [{ source: "\u007f" }, "field_invalid", "/source"],
    [{ source: "\ud800" }, "text_invalid", "/source"],
  ])("refuses %p, which can have no id", (changes, code, pointer) => {
    expect(judge(changes)).toEqual({ code, pointer } as never);
  });

  test.each([
    [{ type: "" }, "field_invalid", "/type"],
    [{ type: "t".repeat(129) }, "field_invalid", "/type"],
    [{ subject: "" }, "field_invalid", "/subject"],
    [{ subject: 7 }, "field_invalid", "/subject"],
    [{ subject: "\0" }, "text_invalid", "/subject"],
    [{ time: "yesterday" }, "timestamp_invalid", "/time"],
    [{ time: 1_781_524_800_000 }, "timestamp_invalid", "/time"],
    [{ data_base64: "AAEC" }, "data_base64_unsupported", "/data_base64"],
    [{ data_base64: "", data: 1 }, "data_base64_unsupported", "/data_base64"],
    [{ data: "\ud800" }, "text_invalid", "/data"],
    [{ data: { a: [Number.POSITIVE_INFINITY] } }, "number_invalid", "/data"],
    [{ payload: { a: 1 } }, "field_invalid", ""],
    [{ tags: ["a"] }, "field_invalid", ""],
    [{ ratio: 0.5 }, "field_invalid", ""],
    [{ sequence: 2 ** 31 }, "field_invalid", ""],
    [{ userId: "u" }, "field_unknown", ""],
  ])("refuses %p with the id that it would have", (changes, code, pointer) => {
    expect(judge(changes)).toEqual({ code, pointer, eventId: ID } as never);
  });

  test("refuses an event that is too large", () => {
    expect(judge({ data: "d".repeat(70_000) })).toMatchObject({ code: "event_too_large" });
  });

  test.each([[null], [5], ["x"], [[EVENT]]])("refuses %p, which is no object", (raw) => {
    expect(judgeCloudEvent(raw, CONTEXT, false)).toEqual({ code: "invalid_event", pointer: "" });
  });

  test("replaces a time outside the window, and says so", () => {
    expect(judge({ time: "2018-04-05T17:31:00Z" })).toMatchObject({
      ts: "2026-06-15T12:00:00.000Z",
      tsReplaced: true,
    });
  });

  test("refuses a number that can't be kept", () => {
    expect(judgeCloudEvent({ ...EVENT, data: 2 ** 53 }, CONTEXT, true)).toEqual({
      code: "number_invalid",
      pointer: "/data",
      eventId: ID,
    });
  });
});
