/** What can be done with a letter, and what its edit begins with. */
import { expect, test } from "bun:test";
import { draftOf } from "./draft.ts";
import type { Bytes, DeadLetterSummary } from "@tally/shared/dead_letters";
import { countsOf, emptyWords, openOf, whyNotResend } from "./letters.ts";

const LETTER: DeadLetterSummary = {
  id: "17",
  code: "field_missing",
  pointer: "/payload",
  message: "A required field is missing",
  topic: "events",
  partition: 0,
  offset: "5",
  eventId: null,
  firstSeen: "2026-01-31T07:00:00.000Z",
  publishedAt: null,
  state: "open",
  resolvedAt: null,
  supersededBy: null,
  clearedAt: null,
};

function bytes(text: string | null): Bytes {
  return { base64: "", text };
}

test("whyNotResend() has a reason unless the letter can be sent", () => {
  expect(whyNotResend(LETTER)).toBeNull();
  expect(whyNotResend({ ...LETTER, state: "superseded", supersededBy: "18" })).toContain("18");
  expect(whyNotResend({ ...LETTER, state: "resent" })).toContain("on its way");
  expect(whyNotResend({ ...LETTER, clearedAt: LETTER.firstSeen })).toContain("cleared");
  expect(whyNotResend({ ...LETTER, state: "resolved" })).toContain("its event is a row");
});

test("draftOf() takes over what can be read, with its time, and begins empty otherwise", () => {
  const ts = "2026-01-24T07:00:00.000Z";
  const record = { sessionId: "s", eventType: 7, ts, payload: { path: "/" } };
  const recordTimestampMs = String(Date.parse("2026-01-25T00:00:00.000Z"));

  const whole = draftOf({
    value: bytes(JSON.stringify(record)),
    key: bytes("k"),
    recordTimestampMs,
    headers: [],
  });
  const noSession = draftOf({
    value: bytes("{}"),
    key: bytes("k"),
    recordTimestampMs,
    headers: [],
  });
  const noJson = draftOf({
    value: bytes("not json"),
    key: bytes("k"),
    recordTimestampMs,
    headers: [],
  });
  const nothing = draftOf({ value: null, key: null, recordTimestampMs: "-1", headers: [] });

  expect(whole).toEqual({
    sessionId: "s",
    eventType: "",
    payload: JSON.stringify(record.payload, null, 2),
    ts,
  });
  expect(noSession.sessionId).toBe("");
  expect(noJson).toEqual({
    sessionId: "k",
    eventType: "",
    payload: "{}",
    ts: "2026-01-25T00:00:00.000Z",
  });
  expect(nothing).toEqual({ sessionId: "", eventType: "", payload: "{}" });
});

test("draftOf() begins with the time of the first record when the letter was sent again", () => {
  const firstMs = Date.parse("2026-01-24T07:00:00.000Z");
  const origin = `topic/id/3/41/${firstMs}`;
  const copy = {
    value: bytes('{"sessionId":"s","eventType":"t","payload":1}'),
    key: null,
    recordTimestampMs: String(firstMs + 3_600_000),
    headers: [{ key: "tally.dead-letter.origin", value: bytes(origin) }],
  };

  expect(draftOf(copy).ts).toBe("2026-01-24T07:00:00.000Z");
  const odd = [{ key: "tally.dead-letter.origin", value: bytes("no place") }];
  expect(draftOf({ ...copy, headers: odd }).ts).toBe("2026-01-24T08:00:00.000Z");
});

test.each([
  ["text", "2026-01-24T08:00:00+01:00", "2026-01-24T08:00:00+01:00"],
  ["text that is no time", "yesterday", "yesterday"],
  ["milliseconds", 1_769_238_000_000, "2026-01-24T07:00:00.000Z"],
  ["a number beyond every date", 1e300, "1e+300"],
])("draftOf() begins with the letter's own time as %s", (_, ts, shown) => {
  const value = bytes(JSON.stringify({ sessionId: "s", eventType: "t", ts, payload: 1 }));

  const draft = draftOf({ value, key: null, recordTimestampMs: "1769842800000", headers: [] });

  expect(draft.ts).toBe(shown);
});

test("openOf() leaves out what is resolved and what is on its way, and says both", () => {
  const times = { firstSeen: LETTER.firstSeen, lastSeen: LETTER.firstSeen };
  const reason = { code: "c", count: 20, unresolved: 7, onTheirWay: 2, ...times };

  expect(openOf(reason)).toBe(5);
  expect(countsOf(reason)).toEqual({
    open: "5",
    others: "2 on their way, 13 resolved or replaced",
  });
  expect(countsOf({ ...reason, unresolved: 0, onTheirWay: 0 })).toEqual({
    open: "0",
    others: "20 resolved or replaced",
  });
  expect(countsOf({ ...reason, count: 7, onTheirWay: 0 }).others).toBe("none resolved or replaced");
  const many = { code: "c", count: 150_000, unresolved: 100_000, ...times };
  expect(openOf(many)).toBe(100_000);
  expect(countsOf(many)).toEqual({ open: "100,000 or more", others: "150,000 in all" });
});

test("emptyWords() says why there is no resend to show", () => {
  expect(emptyWords(LETTER)).toBe("It was not sent again.");
  expect(emptyWords({ ...LETTER, state: "resolved", clearedAt: LETTER.firstSeen })).toContain(
    "cleared",
  );
  expect(emptyWords({ ...LETTER, state: "resolved" })).toBe(
    "No resend is recorded here, and it is resolved: its event is a row.",
  );
});
