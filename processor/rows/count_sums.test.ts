import { expect, test } from "bun:test";
import { countSums } from "./count_sums.ts";

const NUMBERS = new Map([
  ["click", 1],
  ["page_view", 3],
]);

function at(ts: string, receivedAt = ts, eventType = "page_view") {
  return { ts, receivedAt, eventType };
}

test("countSums() adds up the events of a minute by the number of their type", () => {
  const sums = countSums(
    [
      at("2026-01-31T07:15:00.000Z"),
      at("2026-01-31T07:15:59.999Z"),
      at("2026-01-31T07:16:00.000Z"),
      at("2026-01-31T07:15:10.000Z", undefined, "click"),
      at("2026-01-31T07:15:10.000Z", undefined, "no number"),
    ],
    NUMBERS,
  );

  expect(sums).toEqual([
    { start: "2026-01-31T07:15Z", isMinute: true, total: 4, late: 0, counts: [1, 0, 2] },
    { start: "2026-01-31T07:16Z", isMinute: true, total: 1, late: 0, counts: [0, 0, 1] },
  ]);
});

test.each([
  ["2026-01-31T07:15:59.999Z", 0],
  ["2026-01-31T07:16:59.999Z", 0],
  ["2026-01-31T07:17:00.000Z", 1],
  ["2027-01-31T07:15:00.000Z", 1],
  ["2025-01-31T07:15:00.000Z", 0],
])(
  "countSums() tells whether an event of 07:15 is late when it is received at %s",
  (received, late) => {
    expect(countSums([at("2026-01-31T07:15:30.000Z", received)], NUMBERS)).toMatchObject([
      { total: 1, late },
    ]);
  },
);

test.each([
  ["2026-02-02T07:44:00.000Z", "2026-01-31T07:44Z", true],
  ["2026-02-02T07:44:00.001Z", "2026-01-31T07:30Z", false],
])(
  "countSums() takes a quarter of an hour when an event of 07:44 is received after 48 hours: %s",
  (received, start, isMinute) => {
    expect(countSums([at("2026-01-31T07:44:59.999Z", received)], NUMBERS)).toMatchObject([
      { start, isMinute },
    ]);
  },
);

test("countSums() adds up what two minutes give to one quarter, apart from its first minute", () => {
  const received = "2026-02-02T07:30:30.000Z";

  const sums = countSums(
    [
      at("2026-01-31T07:15:00.000Z", received),
      at("2026-01-31T07:29:00.000Z", received),
      at("2026-01-31T07:30:00.000Z", "2026-01-31T07:30:00.000Z"),
      at("2026-01-31T07:30:00.000Z", received),
    ],
    NUMBERS,
  );

  expect(sums).toMatchObject([
    { start: "2026-01-31T07:15Z", isMinute: false, total: 2, late: 2 },
    { start: "2026-01-31T07:30Z", isMinute: true, total: 1 },
    { start: "2026-01-31T07:30Z", isMinute: false, total: 1 },
  ]);
});

test("countSums() reads years from 1 to 9999", () => {
  const sums = countSums(
    [
      at("0001-01-01T00:14:00.000Z", "2026-01-31T07:15:00.000Z"),
      at("9999-12-31T23:59:59.999Z", "2026-01-31T07:15:00.000Z"),
    ],
    NUMBERS,
  );

  expect(sums).toMatchObject([
    { start: "0001-01-01T00:00Z", isMinute: false, late: 1 },
    { start: "9999-12-31T23:59Z", isMinute: true, late: 0 },
  ]);
});
