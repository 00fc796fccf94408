/** The sentence claims no more of an event than what is known. */
import type { EventTrace } from "@tally/shared";
import { expect, test } from "bun:test";
import { auditCommand, verdictOf } from "./trace_verdict.ts";

const UP = { isEnabled: true, isAway: false };
const ROW = { sessionId: "s", eventType: "t", ts: "2026-01-31T07:00:00.000Z", payload: {} };
const LINE = {
  state: "stored",
  key: "events/a",
  plannedAt: null,
  storedAt: null,
  sha256: "abc",
  lines: 1000,
  line: 1,
} as const;
const TRACE: EventTrace = {
  eventId: "e",
  accepted: { at: "2026-01-31T07:59:59.999Z" },
  log: { topic: "events", partition: 3, offset: "41" },
  row: ROW,
  archive: LINE,
  deadLetter: null,
};
const verdict = (changes: Partial<EventTrace>, store = UP) =>
  verdictOf({ trace: { ...TRACE, ...changes }, state: "done" }, store);

test("verdictOf() says that a line is recorded and was confirmed, not that it is proven", () => {
  expect(verdict({})).toEqual({
    level: "good",
    sentence:
      "One row, and recorded as line 1 of 1,000 of its archive object, which S3 confirmed at the upload.",
  });
  expect(verdict({ archive: { ...LINE, line: null } }).sentence).toStartWith(
    "One row, and recorded as one line in the archive",
  );
});

test("verdictOf() is not good while S3 gives no answer", () => {
  expect(verdict({}, { ...UP, isAway: true })).toEqual({
    level: "unknown",
    sentence:
      "One row, and recorded as line 1 of 1,000 of its archive object; S3 gives no answer now.",
  });
});

test("verdictOf() knows an event on its way, one without an archive, and a dead letter", () => {
  const waiting = { ...LINE, state: "waiting" } as const;
  expect(verdict({ archive: waiting }).level).toBe("unknown");
  expect(verdict({ archive: waiting }, { ...UP, isEnabled: false }).level).toBe("good");
  const letter = { row: null, archive: null, deadLetter: { id: "7", code: "id_conflict" } };
  expect(verdict(letter).level).toBe("bad");
  expect(verdictOf({ trace: null, state: "gave_up" }, UP).sentence).toStartWith("Not known");
  expect(verdictOf({ trace: null, state: "following" }, UP).sentence).toStartWith("No row");
});

test("auditCommand() audits the partition and the hour of the event", () => {
  expect(auditCommand(TRACE)).toBe(
    "bun run audit --partition 3 --from 2026-01-31T07:00:00Z --to 2026-01-31T08:00:00Z",
  );
  expect(auditCommand({ ...TRACE, accepted: null })).toBe("bun run audit");
});
