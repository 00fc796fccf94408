import { expect, test } from "bun:test";
import { FIXED_EVENT_LIMITS, isRejection, parseEvent } from "@tally/shared";

import { eventIdOf, numberOf, requestBody, runIds } from "./event.ts";

const ids = runIds("abc");

test("requestBody() makes events that every rule accepts", () => {
  const events = JSON.parse(requestBody(ids, { first: 0, count: 2000 })) as unknown[];

  const verdicts = events.map((event) =>
    parseEvent(
      event,
      {
        limits: FIXED_EVENT_LIMITS,
        receivedAtMs: 1_769_843_612_345,
        newEventId: () => "unused",
      },
      false,
    ),
  );

  expect(verdicts.filter(isRejection)).toEqual([]);
  expect(verdicts.map((verdict) => numberOf(verdict.eventId ?? "", ids, 2000))).toEqual(
    Array.from({ length: 2000 }, (_, number) => number),
  );
});

test("requestBody() is one object when it carries one event", () => {
  expect(JSON.parse(requestBody(ids, { first: 7, count: 1 }))).toMatchObject({
    eventId: "load-abc-7",
  });
});

test("requestBody() is ASCII only, because its length in characters is sent as its length in bytes", () => {
  const body = requestBody(ids, { first: 0, count: 100 });

  expect(Buffer.byteLength(body)).toBe(body.length);
});

test("runIds() gives a range that contains its ids and no others", () => {
  const inside = ["load-abc-0", "load-abc-999999999"];
  const outside = ["load-abc", "load-abcd-1", "load-abb-1", "load-abd-1"];

  const isInside = (id: string) => id >= ids.prefix && id < ids.end;

  expect(inside.filter((id) => !isInside(id))).toEqual([]);
  expect(outside.filter(isInside)).toEqual([]);
});

test.each(["load-abc-5", "load-abc-01", "load-abc-x", "load-abc-", "load-abd-1", "1"])(
  "numberOf() is -1 when the id %p is not one of the first five of the run",
  (id) => {
    expect(numberOf(id, ids, 5)).toBe(-1);
  },
);

test.each(["named", "v7", "v4"] as const)(
  "eventIdOf() makes %s ids within their range, and numberOf() finds those below the total",
  (form) => {
    const some = runIds("abc", form);
    const made = [0, 1, 99, 100, 1999, 2000].map((number) => eventIdOf(some, number));

    expect(made.filter((id) => id < some.prefix || id >= some.end)).toEqual([]);
    expect(made.map((id) => numberOf(id, some, 2000))).toEqual([0, 1, 99, 100, 1999, -1]);
  },
);

test("requestBody() carries the same payload as a text of JSON when asked to", () => {
  const one = JSON.parse(requestBody(ids, { first: 7, count: 1 })) as { payload: object };
  const text = JSON.parse(requestBody(ids, { first: 7, count: 1 }, "text")) as { payload: string };

  expect(JSON.parse(text.payload)).toEqual(one.payload);
});
