import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FIXED_EVENT_LIMITS, isRejection, parseEvent } from "./event.ts";
import { hasBadNumber, hasSuspiciousNumber } from "./json.ts";
import { encodeEvent } from "./accepted_event.ts";
import { decodeRecord, isRecordFault } from "./record.ts";

const NOW_MS = Date.parse("2026-06-15T12:00:00.000Z");

/** Judges the text of one event, as ingest does. */
function judge(text: string) {
  const context = {
    limits: FIXED_EVENT_LIMITS,
    receivedAtMs: NOW_MS,
    newEventId: () => "made",
  };
  const badNumber = hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length);
  return parseEvent(JSON.parse(text), context, badNumber);
}

describe("parseEvent() and decodeRecord()", () => {
  const hostile = fc.constantFrom(
    "__proto__",
    "constructor",
    "\0",
    "\ud800",
    "1e400",
    "9007199254740993",
    "{",
    '"',
    "\\",
    "\n",
    "2026-02-30T00:00:00Z",
  );
  const word = fc.oneof(fc.string(), fc.string({ unit: "binary" }), hostile);
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      word,
      fc.double(),
      fc.integer(),
      fc.constantFrom(null, true, false, 1e300, -0),
      fc.array(tie("node")),
      fc.dictionary(word, tie("node")),
    ),
  })).node;
  const event = fc.record(
    {
      sessionId: fc.oneof(word, value),
      eventType: fc.oneof(word, value),
      payload: fc.oneof(
        value,
        value.map((inner) => JSON.stringify(inner)),
      ),
      eventId: fc.oneof(word, fc.uuid(), value),
      ts: fc.oneof(
        word,
        fc.constantFrom("2026-06-15T11:59:00+01:00", "2026-06-15T11:59:00-0030", null),
        fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
        value,
      ),
      other: value,
    },
    { requiredKeys: [] },
  );

  test("never throw, and what is accepted is read back the same, whatever is sent", () => {
    let accepted = 0;
    const likely = fc.record({
      sessionId: fc.string({ minLength: 1, maxLength: 20 }),
      eventType: fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
      payload: value,
    });
    fc.assert(
      fc.property(fc.oneof(event, likely, value), (raw) => {
        const verdict = judge(JSON.stringify(raw));
        if (isRejection(verdict)) return;
        accepted++;
        const encoded = Buffer.from(encodeEvent(verdict));
        const record = { partition: 0, offset: 0n, timestampMs: 0, value: encoded };

        const decoded = decodeRecord(record, "topic");

        if (isRecordFault(decoded)) throw new Error(decoded.code);
        const { line, ...content } = decoded;
        expect(content).toEqual(verdict);
        expect(line.equals(encoded)).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});
