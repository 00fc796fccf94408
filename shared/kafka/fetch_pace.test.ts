import { expect, test } from "bun:test";
import { FetchPace, WINDOW_MS } from "./fetch_pace.ts";

/** Takes this many records in each window, one window after the other. */
function changes(recordsByWindow: readonly number[]): (boolean | null)[] {
  const pace = new FetchPace();
  pace.note(0, 0);
  return recordsByWindow.map((records, index) => {
    const endMs = (index + 1) * WINDOW_MS;
    expect(pace.note(records, endMs - 1)).toBeNull();
    return pace.note(0, endMs);
  });
}

test("note() says once that it is busy, and once that it no longer is", () => {
  expect(changes([400, 600, 700, 300, 200, 100, 600])).toEqual([
    null,
    true,
    null,
    null,
    false,
    null,
    true,
  ]);
});

test("note() takes the rate of all the time when nobody asked for long", () => {
  const pace = new FetchPace();
  pace.note(0, 0);

  expect(pace.note(3000, 2000)).toBeNull();
  expect(pace.note(3000, 3000)).toBe(true);
  expect(pace.note(3000, 63_000)).toBe(false);
});
