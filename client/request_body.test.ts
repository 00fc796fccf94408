import { expect, test } from "bun:test";
import { bodyOf, EVENTS_BYTES_MAX, firstThatFit, type Sized } from "./request_body.ts";

const sized = (...sizes: readonly number[]): Sized[] =>
  sizes.map((bytes) => ({ json: "{}", bytes }));

test("bodyOf() is an array, or an object with the key when there is one", () => {
  expect(bodyOf(sized(2, 2), undefined)).toBe("[{},{}]");
  expect(JSON.parse(bodyOf(sized(2), 'a"b'))).toEqual({ writeKey: 'a"b', events: [{}] });
});

test("firstThatFit() ends at the number of events", () => {
  expect(firstThatFit(sized(1, 1, 1), 2)).toHaveLength(2);
});

test("firstThatFit() ends before the body is larger than a beacon may be", () => {
  const half = EVENTS_BYTES_MAX / 2;

  expect(firstThatFit(sized(half - 1, half - 1, 1), 10)).toHaveLength(2);
  expect(firstThatFit(sized(half, half), 10)).toHaveLength(1);
});

test("firstThatFit() gives one event when that alone is too large", () => {
  expect(firstThatFit(sized(EVENTS_BYTES_MAX + 1, 1), 10)).toHaveLength(1);
});
