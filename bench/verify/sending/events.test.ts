import { expect, test } from "bun:test";
import { FIXED_EVENT_LIMITS, parseEvent } from "@tally/shared";

import { eventIdOf, expectedEvent, numberOfId, sentJson } from "./events.ts";

const RUN = { run: "r1", baseMs: Date.parse("2026-01-31T07:00:00.000Z") };

test("sentJson() becomes expectedEvent() when ingest accepts it", () => {
  for (let number = 0; number < 60; number += 1) {
    const text = sentJson(RUN, number);
    const accepted = parseEvent(
      JSON.parse(text),
      {
        limits: { ...FIXED_EVENT_LIMITS, tsOutside: "replace" },
        receivedAtMs: RUN.baseMs,
        newEventId: () => "none",
      },
      false,
    );

    const expected = expectedEvent(RUN, number);
    const ts = expected.ts ?? new Date(RUN.baseMs).toISOString();
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(accepted).toMatchObject({ ...expected, ts, payload: JSON.stringify(expected.payload) });
  }
});

test("numberOfId() takes ids of the run, and no others", () => {
  expect(numberOfId(RUN, eventIdOf(RUN, 1234))).toBe(1234);
  for (const id of ["r1-", "r1-01", "r1-x", "r10-1", "r2-1"]) expect(numberOfId(RUN, id)).toBe(-1);
});
