import { expect, test } from "bun:test";

import { createSchedule, RUN_EVENTS_MAX } from "./schedule.ts";

test("createSchedule() spaces requests evenly when there is a rate", () => {
  const schedule = createSchedule({ eventsPerSecond: 5000, seconds: 20, batchEvents: 50 });

  expect(schedule.requestsMax).toBe(2000);
  expect([0, 1, 100].map((request) => schedule.dueMs(request))).toEqual([0, 10, 1000]);
});

test("createSchedule() puts every event into one request when the last one is smaller", () => {
  const schedule = createSchedule({ eventsPerSecond: 7, seconds: 1, batchEvents: 3 });

  const ranges = [0, 1, 2].map((request) => schedule.events(request));

  expect(schedule.requestsMax).toBe(3);
  expect(ranges).toEqual([
    { first: 0, count: 3 },
    { first: 3, count: 3 },
    { first: 6, count: 1 },
  ]);
});

test("createSchedule() has no due times when there is no rate", () => {
  const schedule = createSchedule({ eventsPerSecond: 0, seconds: 20, batchEvents: 10 });

  expect(schedule.dueMs(1_000)).toBeNull();
  expect(schedule.requestsMax).toBe(RUN_EVENTS_MAX / 10);
});
