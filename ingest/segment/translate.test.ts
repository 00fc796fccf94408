import { FIXED_EVENT_LIMITS, isRejection, parseEvent } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { translate, type MessageOptions } from "./translate.ts";

const BATCH: MessageOptions = { type: null };

/** A track call as `@segment/analytics-node` sends it, without what a test gives. */
const TRACK = {
  type: "track",
  event: "Song Played",
  userId: "u-1",
  anonymousId: "a-1",
  properties: { name: "Fallin", ms: 1200 },
  context: { library: { name: "@segment/analytics-node", version: "3.0.0" } },
  integrations: {},
  messageId: "node-next-1700000000000-f3a0",
  timestamp: "2026-06-15T12:00:00.123Z",
  _metadata: { nodeVersion: "20" },
};

/** The event that the judge makes of a message. */
function judged(message: unknown, options = BATCH) {
  const verdict = parseEvent(
    translate(message, options),
    { limits: FIXED_EVENT_LIMITS, receivedAtMs: Date.UTC(2026, 5, 15), newEventId: () => "made" },
    false,
  );
  if (isRejection(verdict)) throw new Error(`${verdict.code} ${verdict.pointer}`);
  return { ...verdict, payload: JSON.parse(verdict.payload) as unknown };
}

const payloadOf = (message: unknown, options = BATCH) => judged(message, options).payload;

describe("translate()", () => {
  test("translate() makes an event of a track call", () => {
    expect(judged(TRACK)).toMatchObject({
      eventId: TRACK.messageId,
      sessionId: "a-1",
      eventType: "Song Played",
      ts: TRACK.timestamp,
      payload: {
        name: "Fallin",
        ms: 1200,
        segment: { type: "track", userId: "u-1", context: TRACK.context },
      },
    });
  });

  test("translate() makes the same event of two sends of one message", () => {
    const first = { ...TRACK, sentAt: "2026-06-15T12:00:01.000Z", writeKey: "k" };
    const second = {
      ...TRACK,
      sentAt: "2026-06-15T12:00:09.000Z",
      _metadata: { nodeVersion: "20", retryCount: 3, failedInitializations: ["x"] },
      integrations: { All: true },
      receivedAt: "2026-06-15T12:00:09.100Z",
    };

    expect(translate(second, BATCH)).toEqual(translate(first, BATCH));
  });

  test.each(["page", "screen", "identify", "group", "alias", "merge"])(
    "translate() takes the type %s for the event's type",
    (type) => {
      expect(judged({ type, userId: "u" }).eventType).toBe(type);
      expect(judged({ userId: "u" }, { type }).eventType).toBe(type);
    },
  );

  test("translate() takes the type of the path when the message names another", () => {
    const event = judged({ type: "page", event: "Opened", userId: "u" }, { type: "track" });

    expect(event).toMatchObject({ eventType: "Opened", payload: { segment: { type: "track" } } });
  });

  test("translate() puts the traits of identify and group at the top, and other traits below", () => {
    const traits = { email: "a@example.com" };

    expect(payloadOf({ type: "identify", userId: "u", traits })).toMatchObject(traits);
    expect(payloadOf({ type: "group", userId: "u", groupId: "g", traits })).toEqual({
      ...traits,
      segment: { type: "group", userId: "u", groupId: "g" },
    });
    expect(payloadOf({ type: "page", userId: "u", properties: { a: 1 }, traits })).toEqual({
      a: 1,
      segment: { type: "page", userId: "u", traits },
    });
  });

  test("translate() keeps both ids of an alias", () => {
    expect(payloadOf({ type: "alias", userId: "new", previousId: "old" })).toEqual({
      segment: { type: "alias", userId: "new", previousId: "old" },
    });
  });

  describe("ids", () => {
    const ids: [title: string, messageId: unknown, eventId: string][] = [
      ["one that fits", "ajs-next-1700000000000-abc", "ajs-next-1700000000000-abc"],
      ["a number", 17, "17"],
      ["none", undefined, "made"],
      ["null", null, "made"],
      ["an empty one", "", "made"],
    ];
    test.each(ids)("translate() takes %s", (_title, messageId, eventId) => {
      expect(judged({ ...TRACK, messageId }).eventId).toBe(eventId);
    });

    test.each(["with space", "x".repeat(65), "ä", "..", "a/b"])(
      "translate() makes a UUIDv5 of the id %p, and keeps the id",
      (messageId) => {
        const { eventId, payload } = judged({ ...TRACK, messageId });

        expect(eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
        expect(judged({ ...TRACK, messageId }).eventId).toBe(eventId);
        expect(payload).toMatchObject({ segment: { messageId } });
      },
    );

    test("translate() makes the UUIDv5 of the contract", () => {
      expect(judged({ ...TRACK, messageId: "a b" }).eventId).toBe(
        "f01dc84b-71e0-5fb7-a3f0-e4e9fa87f49b",
      );
    });

    const sessions: [title: string, fields: object, sessionId: string][] = [
      ["the anonymous id", { anonymousId: "a", userId: "u" }, "a"],
      ["the user when there is no other", { anonymousId: undefined, userId: "u" }, "u"],
      ["the user when the other is null", { anonymousId: null, userId: "u" }, "u"],
      ["the user when the other is empty", { anonymousId: "", userId: "u" }, "u"],
      ["a number", { anonymousId: undefined, userId: 42 }, "42"],
    ];
    test.each(sessions)("translate() takes %s for the session", (_title, fields, sessionId) => {
      expect(judged({ ...TRACK, ...fields }).sessionId).toBe(sessionId);
    });
  });

  describe("times", () => {
    const times: [title: string, fields: object, ts: string][] = [
      ["timestamp", { timestamp: "2026-06-01T08:00:00+08:00" }, "2026-06-01T00:00:00.000Z"],
      [
        "originalTimestamp when there is no other",
        { timestamp: undefined, originalTimestamp: "2026-06-01T00:00:00Z" },
        "2026-06-01T00:00:00.000Z",
      ],
      [
        "Python's microseconds",
        { timestamp: "2026-06-01T00:00:00.123456+00:00" },
        "2026-06-01T00:00:00.123Z",
      ],
      ["the receive time for an empty one", { timestamp: "" }, "2026-06-15T00:00:00.000Z"],
    ];
    test.each(times)("translate() takes %s", (_title, fields, ts) => {
      expect(judged({ ...TRACK, ...fields }).ts).toBe(ts);
    });

    test("translate() does not correct the time by sentAt", () => {
      const sentAt = "2031-01-01T00:00:00.000Z";

      expect(judged({ ...TRACK, sentAt }).ts).toBe(TRACK.timestamp);
    });

    test("translate() keeps originalTimestamp when it is not the time of the event", () => {
      const originalTimestamp = "2026-06-15T11:00:00.000Z";

      expect(payloadOf({ ...TRACK, originalTimestamp })).toMatchObject({
        segment: { originalTimestamp },
      });
    });
  });

  describe("content that has no place at the top", () => {
    test.each([[[1, 2]], ["text"], [5], [false]])(
      "translate() keeps properties that are %p",
      (properties) => {
        expect(payloadOf({ ...TRACK, properties })).toEqual({
          segment: { type: "track", userId: "u-1", context: TRACK.context, properties },
        });
      },
    );

    test("translate() keeps a property named segment", () => {
      const properties = { plan: "a", segment: "b2b" };

      expect(payloadOf({ ...TRACK, properties })).toEqual({
        plan: "a",
        segment: {
          type: "track",
          userId: "u-1",
          context: TRACK.context,
          properties: { segment: "b2b" },
        },
      });
    });

    test("translate() keeps fields that Segment's API does not know", () => {
      expect(payloadOf({ ...TRACK, channel: "server", foo: { bar: 1 } })).toMatchObject({
        segment: { channel: "server", foo: { bar: 1 } },
      });
    });

    test.each([undefined, null, {}])("translate() makes a payload when properties are %p", (p) => {
      expect(payloadOf({ type: "page", userId: "u", properties: p })).toEqual({
        segment: { type: "page", userId: "u" },
      });
    });
  });

  test("translate() adds the context of the batch, without replacing the message's own", () => {
    const batchContext = { device: { name: "phone" }, library: "batch" };
    const options = { type: null, batchContext };

    expect(payloadOf(TRACK, options)).toMatchObject({
      segment: { context: { device: { name: "phone" }, library: TRACK.context.library } },
    });
    expect(payloadOf({ ...TRACK, context: undefined }, options)).toMatchObject({
      segment: { context: batchContext },
    });
    expect(payloadOf(TRACK, { type: null, batchContext: "odd" })).toEqual(payloadOf(TRACK));
  });

  const broken: [title: string, message: unknown, fault: string][] = [
    ["a text", "text", "invalid_event "],
    ["null", null, "invalid_event "],
    ["a list", [TRACK], "invalid_event "],
    ["no one who did it", { type: "track", event: "e" }, "field_missing /sessionId"],
    ["no name of a track call", { type: "track", userId: "u" }, "field_missing /eventType"],
    ["no type", { userId: "u" }, "field_missing /eventType"],
    ["a type that is no text", { type: {}, userId: "u" }, "field_invalid /eventType"],
    ["an id that is an object", { ...TRACK, messageId: {} }, "field_invalid /eventId"],
    ["an id with a NUL", { ...TRACK, messageId: "a\0b" }, "field_invalid /eventId"],
    ["a user that is a list", { ...TRACK, anonymousId: ["a"] }, "field_invalid /sessionId"],
    ["a long user", { type: "page", userId: "u".repeat(129) }, "field_invalid /sessionId"],
    ["a time that is none", { ...TRACK, timestamp: "yesterday" }, "timestamp_invalid /ts"],
    [
      "a forbidden key",
      { ...TRACK, properties: JSON.parse('{"__proto__":1}') },
      "key_forbidden /payload",
    ],
    [
      "a forbidden key beside the properties",
      JSON.parse('{"type":"page","userId":"u","__proto__":{"a":1}}'),
      "key_forbidden /payload",
    ],
    ["half of a character", { ...TRACK, properties: { a: "\ud800" } }, "text_invalid /payload"],
  ];
  test.each(broken)("translate() leaves %s to the judge", (_title, message, fault) => {
    expect(() => judged(message)).toThrow(fault);
  });
});
