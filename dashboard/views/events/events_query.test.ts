/** The request for a page of rows. */
import { describe, expect, test } from "bun:test";
import { type EventsQuestion, eventsPath } from "./events_query.ts";

const NOW_MS = Date.parse("2026-03-30T10:20:30.500Z");
const QUESTION: EventsQuestion = {
  range: "30m",
  zone: "UTC",
  filters: [],
  sessionId: null,
  after: null,
};

describe("eventsPath()", () => {
  test("eventsPath() leaves out what is not asked", () => {
    expect(eventsPath(QUESTION, NOW_MS)).toBe(
      "events?time=ts&limit=50&from=2026-03-30T09%3A50%3A00Z",
    );
  });

  test("eventsPath() carries filters, session, both times and the cursor", () => {
    const range = { fromMs: 0, toMs: 1000 };
    const filters = [{ operator: "is", dimension: "event:props:a", values: [1, "1&="] }] as const;

    const path = eventsPath(
      { ...QUESTION, range, filters, sessionId: "s 1", after: "5_e" },
      NOW_MS,
    );

    const asked = new URLSearchParams(path.slice("events?".length));
    expect(Object.fromEntries(asked)).toEqual({
      time: "ts",
      limit: "50",
      from: "1970-01-01T00:00:00Z",
      to: "1970-01-01T00:00:01Z",
      filters: '[["is","event:props:a",[1,"1&="]]]',
      sessionId: "s 1",
      after: "5_e",
    });
  });
});
