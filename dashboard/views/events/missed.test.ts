/** Rows that came while the view was paused. */
import { describe, expect, test } from "bun:test";
import { missedSince } from "./missed.ts";

const row = (minute: number, eventId = `e${minute}`) => ({
  eventId,
  receivedAt: `2026-11-30T10:${String(minute).padStart(2, "0")}:00.000Z`,
});

describe("missedSince()", () => {
  test("counts what is not shown, and no row that is, however late its frame came", () => {
    const shown = [row(5), row(4), row(3)];

    expect(missedSince(shown, [row(7), row(6), row(5)], 50)).toEqual({ rows: 2, isMore: false });
    expect(missedSince(shown, shown, 50)).toEqual({ rows: 0, isMore: false });
    expect(missedSince([], [row(1)], 50).rows).toBe(1);
  });

  test("counts a row that came late between those that are shown", () => {
    expect(missedSince([row(5), row(3)], [row(5), row(4), row(3)], 50).rows).toBe(1);
    expect(missedSince([row(5, "b")], [row(5, "c"), row(5, "b")], 50).rows).toBe(1);
  });

  test("leaves out the rows of an older page, which was asked before", () => {
    expect(missedSince([row(9), row(8)], [row(7), row(6)], 50).rows).toBe(0);
  });

  test("says that there are more when nothing of a full page is shown", () => {
    expect(missedSince([row(1)], [row(9), row(8)], 2)).toEqual({ rows: 2, isMore: true });
  });
});
