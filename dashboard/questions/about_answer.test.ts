/** What an answer says of itself. */
import { expect, test } from "bun:test";
import { aboutAnswer } from "./about_answer.ts";

const meta = {
  source: "counts",
  complete_up_to: "2026-11-30T09:14:30.000Z",
  rows_read: 0,
  late_events: 1,
  took_ms: 3,
} as const;

test("aboutAnswer() gives the time of the zone, and UTC on hover", () => {
  const options = { nowMs: Date.parse("2026-11-30T09:20:00Z"), zone: "Asia/Kathmandu" };

  expect(aboutAnswer(meta, { ...options, isExact: true })).toEqual([
    { text: "Exact: every event is counted, none is sampled." },
    {
      text: "Complete up to 14:59:30: every event accepted before is in it.",
      hover: "2026-11-30 09:14:30.000 UTC",
    },
    { text: "From counts, no row was read, in 3 ms." },
    { text: "Late by a minute or more: 1 event of the range." },
  ]);
  const unknown = aboutAnswer({ ...meta, complete_up_to: null }, { ...options, isExact: true });
  expect(unknown[1]).toEqual({ text: "Up to when it is complete is not known now." });
});
