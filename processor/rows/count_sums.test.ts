import { expect, test } from "bun:test";
import { countSums } from "./count_sums.ts";

function at(ts: string, receivedAt = ts, eventType = "page_view", partition = 0) {
  return { event: { ts, receivedAt, eventType }, partition };
}

test("countSums() adds up events of one partition, minute and type", () => {
  const sums = countSums([
    at("2026-01-31T07:15:00.000Z"),
    at("2026-01-31T07:15:59.999Z"),
    at("2026-01-31T07:16:00.000Z"),
    at("2026-01-31T07:15:10.000Z", undefined, "click"),
    at("2026-01-31T07:15:10.000Z", undefined, "page_view", 1),
  ]);

  expect(
    sums.map(({ partition, minute, eventType, events }) => [partition, minute, eventType, events]),
  ).toEqual([
    [0, "2026-01-31T07:15", "page_view", 2],
    [0, "2026-01-31T07:16", "page_view", 1],
    [0, "2026-01-31T07:15", "click", 1],
    [1, "2026-01-31T07:15", "page_view", 1],
  ]);
});

test.each([
  ["2026-01-31T07:15:59.999Z", 0],
  ["2026-01-31T07:16:59.999Z", 0],
  ["2026-01-31T07:17:00.000Z", 1],
  ["2027-01-31T07:15:00.000Z", 1],
  ["2025-01-31T07:15:00.000Z", 0],
])(
  "countSums() counts an event of 07:15 as late or not when it is received at %s",
  (receivedAt, late) => {
    expect(countSums([at("2026-01-31T07:15:30.000Z", receivedAt)])).toMatchObject([
      { events: 1, late },
    ]);
  },
);

test("countSums() reads years from 1 to 9999", () => {
  const sums = countSums([
    at("0001-01-01T00:00:00.000Z", "2026-01-31T07:15:00.000Z"),
    at("9999-12-31T23:59:59.999Z", "2026-01-31T07:15:00.000Z"),
  ]);

  expect(sums).toMatchObject([
    { minute: "0001-01-01T00:00", late: 1 },
    { minute: "9999-12-31T23:59", late: 0 },
  ]);
});

test("countSums() keeps types apart that hold spaces or are names of objects", () => {
  const types = ["a b", "a", "__proto__", "b", "constructor"];

  const sums = countSums(types.map((type) => at("2026-01-31T07:15:00.000Z", undefined, type)));

  expect(sums.map(({ eventType }) => eventType)).toEqual(types);
});
