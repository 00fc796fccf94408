import { expect, test } from "bun:test";
import fc from "fast-check";
import type { QuotaKey } from "./key_quota.ts";
import { rateLimit, rateLimitPolicy, retryAfterSeconds } from "./rate_limit_fields.ts";

const KEY: QuotaKey = { name: "shop", eventsPerSecond: 100, bytesPerSecond: 50_000 };
const EVENTS_ONLY: QuotaKey = { ...KEY, bytesPerSecond: null };
const BYTES_ONLY: QuotaKey = { ...KEY, eventsPerSecond: null };

test("rateLimitPolicy() says what a key may use, and leaves out what has no limit", () => {
  const bytes = '"bytes";q=500000;qu="content-bytes";w=10';
  expect(rateLimitPolicy(KEY)).toBe(`"events";q=1000;w=10, ${bytes}`);
  expect(rateLimitPolicy(BYTES_ONLY)).toBe(bytes);
  expect(rateLimitPolicy({ ...BYTES_ONLY, bytesPerSecond: null })).toBe("");
});

test("rateLimit() says what is left, and leaves out what has no limit", () => {
  expect(rateLimit(KEY, { events: 998.5, bytes: 12 })).toBe('"events";r=998;t=1, "bytes";r=12;t=1');
  expect(rateLimit(BYTES_ONLY, { events: 0, bytes: 1 })).toBe('"bytes";r=1;t=1');
});

test("rateLimit() never says more than the policy", () => {
  expect(rateLimit(KEY, { events: 1005, bytes: 500_000 })).toBe(
    '"events";r=1000;t=1, "bytes";r=500000;t=1',
  );
});

test("rateLimit() says how long an overdrawn bucket gives nothing", () => {
  expect(rateLimit(EVENTS_ONLY, { events: -250, bytes: 0 })).toBe('"events";r=0;t=3');
});

test("both fields are lists of structured fields for every limit and level", () => {
  const limit = fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  const level = fc.double({ noNaN: true, min: -1e15, max: 1e17 });
  const integer = "\\d{1,15}";
  const list = (item: string) => new RegExp(`^(?:${item}(?:, ${item})?)?$`);
  const policies = list(`"(?:events|bytes)";q=${integer}(?:;qu="content-bytes")?;w=10`);
  const limits = list(`"(?:events|bytes)";r=${integer};t=${integer}`);
  fc.assert(
    fc.property(limit, limit, level, level, (eventsPerSecond, bytesPerSecond, events, bytes) => {
      const key = { name: "k", eventsPerSecond, bytesPerSecond };
      expect(rateLimitPolicy(key)).toMatch(policies);
      expect(rateLimit(key, { events, bytes })).toMatch(limits);
    }),
  );
});

test("retryAfterSeconds() is whole seconds, rounded up, at least 1", () => {
  expect([0, 1, 1000, 1001, 59_999].map(retryAfterSeconds)).toEqual([1, 1, 1, 2, 60]);
});
