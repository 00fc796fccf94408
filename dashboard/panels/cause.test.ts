/** The cause of an outage, as the page says it. */
import { expect, test } from "bun:test";
import { causeOf, wordsOf } from "./cause.ts";

const since = "2026-01-31T07:00:00.000Z";
const message = 'Cannot reach bucket "events": no answer';
const lastError = { code: "archive_unavailable", at: "2026-01-31T07:00:06.000Z", message };

test("causeOf() is the last error in words while the dependency does not work", () => {
  expect(causeOf({ state: "down", since, lastError })).toBe(message);
  expect(causeOf({ state: "configuration", since, lastError })).toBe(message);
  expect(causeOf({ state: "up", since, lastError })).toBeNull();
});

test("causeOf() knows no cause of an outage that began after the last error", () => {
  const earlier = { ...lastError, at: "2026-01-31T06:59:59.999Z" };

  expect(causeOf({ state: "down", since, lastError: earlier })).toBeNull();
  expect(causeOf({ state: "down", since })).toBeNull();
});

test("wordsOf() has words for the errors of older and of newer processors, and hides no sign", () => {
  expect(wordsOf({ code: "broker_unavailable" })).toBe(
    "Kafka can't store the events now, repeat later",
  );
  expect(wordsOf({ code: "code_of_tomorrow" })).toBe("code_of_tomorrow");
  expect(wordsOf({ code: "broker_unavailable", message: "a\u202eb" })).toBe("a\\u202eb");
  expect(wordsOf({})).toBeNull();
});
