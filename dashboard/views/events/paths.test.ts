/** Paths into payloads that senders chose. */
import { expect, test } from "bun:test";
import { pathsOf, valueAt } from "./paths.ts";

test("pathsOf() gives the paths of scalars, the most frequent first", () => {
  const payloads = [
    { a: 1, cart: { currency: "EUR" } },
    { cart: { currency: null } },
    5,
    "x",
    null,
  ];

  expect(pathsOf(payloads)).toEqual(["cart.currency", "a"]);
});

test("pathsOf() leaves out what no path reaches, and bounds the rest", () => {
  const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1]));

  expect(pathsOf([{ "a.b": 1, "": 2, list: [1] }])).toEqual([]);
  expect(pathsOf([wide]).length).toBe(60);
});

test("valueAt() finds own values only", () => {
  expect(valueAt({ a: { b: null } }, "a.b")).toBeNull();
  expect(valueAt({ a: 1 }, "a.b")).toBeUndefined();
  expect(valueAt({}, "constructor")).toBeUndefined();
  expect(valueAt("text", "length")).toBeUndefined();
});
