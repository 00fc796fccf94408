/** What can be done with a letter, and what its edit begins with. */
import { expect, test } from "bun:test";
import { draftOf } from "./draft.ts";
import type { Bytes, DeadLetterSummary } from "@tally/shared/dead_letters";
import { adviceOf, whyNotResend } from "./letters.ts";

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
});

test("adviceOf() knows what to do about any code, also of a newer processor", () => {
  expect(adviceOf("id_conflict").action).toContain("reuses ids");
  expect(adviceOf("some_new_code").action).not.toBe("");
  expect(adviceOf("constructor")).toEqual(adviceOf("some_new_code"));
});

test("draftOf() takes over what can be read, with its time, and begins empty otherwise", () => {
  const ts = "2026-01-24T07:00:00.000Z";
  const record = { sessionId: "s", eventType: 7, ts, payload: { path: "/" } };
  const recordTimestampMs = String(Date.parse("2026-01-25T00:00:00.000Z"));

  const whole = draftOf({
    value: bytes(JSON.stringify(record)),
    key: bytes("k"),
    recordTimestampMs,
  });
  const noSession = draftOf({ value: bytes("{}"), key: bytes("k"), recordTimestampMs });
  const noJson = draftOf({ value: bytes("not json"), key: bytes("k"), recordTimestampMs });
  const nothing = draftOf({ value: null, key: null, recordTimestampMs: "-1" });

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
