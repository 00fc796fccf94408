import { describe, expect, test } from "bun:test";
import { encodeEvent } from "./accepted_event.ts";
import { FIXED_EVENT_LIMITS, isRejection, parseEvent, type EventLimits } from "./event.ts";

const NOW_MS = Date.parse("2026-06-15T12:00:00.000Z");
const GOOD = '"sessionId":"s","eventType":"t"';
const REJECTING: EventLimits = { ...FIXED_EVENT_LIMITS, tsOutside: "reject" };
const REPLACING: EventLimits = { ...FIXED_EVENT_LIMITS, tsOutside: "replace" };

function judge(text: string, limits: EventLimits) {
  const context = { limits, receivedAtMs: NOW_MS, newEventId: () => "made" };
  return parseEvent(JSON.parse(text), context, false);
}

describe("parseEvent() of a ts outside the window", () => {
  const received = "2026-06-15T12:00:00.000Z";
  const outside: [title: string, ts: string][] = [
    ["too old", '"2025-06-14T11:59:59.999Z"'],
    ["an hour ahead", '"2026-06-15T13:00:00Z"'],
    ["ahead by a zone", '"2026-06-15T12:00:00-0800"'],
    ["old milliseconds", "100000000000"],
    ["milliseconds far ahead", "4102444800000"],
    ["the last year", '"9999-12-31T23:59:59Z"'],
  ];

  test.each(outside)("puts the receive time in its place when it is %s", (_title, ts) => {
    const verdict = judge(`{${GOOD},"payload":1,"ts":${ts}}`, REPLACING);

    expect(verdict).toMatchObject({ ts: received, receivedAt: received, tsReplaced: true });
  });

  test.each(outside)("rejects the event when the option says so and it is %s", (_title, ts) => {
    const verdict = judge(`{${GOOD},"payload":1,"ts":${ts}}`, REJECTING);

    expect(verdict).toEqual({ code: "timestamp_out_of_range", pointer: "/ts" });
  });

  test("says nothing of a ts inside the window, and encodes nothing of a replaced one", () => {
    const inside = judge(`{${GOOD},"payload":1,"ts":"2026-06-15T12:10:00Z"}`, REPLACING);
    const replaced = judge(`{${GOOD},"payload":1,"ts":"2026-06-15T12:10:01Z"}`, REPLACING);

    expect(inside).not.toHaveProperty("tsReplaced");
    if (isRejection(replaced)) throw new Error(replaced.code);
    expect(encodeEvent(replaced)).toBe(
      `{"eventId":"made",${GOOD},"ts":"${received}","receivedAt":"${received}","payload":1}`,
    );
  });

  test.each(['"2026-02-30T00:00:00Z"', "1781524800", '"soon"'])("still rejects %s", (ts) => {
    const verdict = judge(`{${GOOD},"payload":1,"ts":${ts}}`, REPLACING);

    expect(verdict).toEqual({ code: "timestamp_invalid", pointer: "/ts" });
  });
});
