/** The judgement of the editor is that of ingest. */
import { expect, test } from "bun:test";
import { describeJudgement, judge } from "./judge.ts";

const NOW_MS = Date.parse("2026-01-31T07:00:00Z");
const GOOD = { sessionId: "s", eventType: "page_view", payload: '{"path":"/"}' };

test("judge() accepts what ingest accepts", () => {
  expect(judge(GOOD, NOW_MS)).toMatchObject({ kind: "good", isTimeReplaced: false });
  expect(judge({ ...GOOD, eventId: "a.b", ts: "2026-01-31T08:00:00+01:00" }, NOW_MS)).toMatchObject(
    { kind: "good", isTimeReplaced: false },
  );
});

test("judge() says that a time outside of the window is replaced", () => {
  expect(judge({ ...GOOD, ts: "1999-01-01T00:00:00Z" }, NOW_MS)).toMatchObject({
    kind: "good",
    isTimeReplaced: true,
  });
});

test.each([
  [{ payload: "{oops" }, "payload_not_json", "/payload"],
  [{ payload: '{"a":9007199254740993}' }, "number_invalid", "/payload"],
  [{ payload: '{"a":"\\u0000"}' }, "text_invalid", "/payload"],
  [{ payload: JSON.stringify("x".repeat(66_000)) }, "event_too_large", ""],
  [{ sessionId: "x".repeat(200) }, "field_invalid", "/sessionId"],
  [{ eventType: "x".repeat(129) }, "field_invalid", "/eventType"],
  [{ eventId: "a b" }, "field_invalid", "/eventId"],
  [{ ts: "yesterday" }, "timestamp_invalid", "/ts"],
])("judge() rejects %j as %s", (changes, code, pointer) => {
  expect(judge({ ...GOOD, ...changes }, NOW_MS)).toMatchObject({ kind: "bad", code, pointer });
});

test.each([
  [{ sessionId: "" }, "Ingest would reject this event: Session is missing."],
  [{ eventType: "" }, "Ingest would reject this event: Event type is missing."],
])("judge() says of an empty field that it is missing: %j", (changes, words) => {
  const verdict = judge({ ...GOOD, ...changes }, NOW_MS);

  expect(verdict).toMatchObject({
    kind: "bad",
    code: "field_invalid",
    pointer: `/${Object.keys(changes)[0]}`,
  });
  expect(describeJudgement(verdict)).toBe(words);
});
