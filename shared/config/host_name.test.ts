import { describe, expect, test } from "bun:test";
import { isAddress, isLoopbackName, parseHost } from "./host_name.ts";

describe("parseHost()", () => {
  test.each([
    ["localhost", "localhost", false],
    ["LOCALHOST:8081", "localhost", true],
    ["localhost.", "localhost", false],
    ["a:", "a", true],
    ["[::1]:8082", "[::1]", true],
    ["[::1]", "[::1]", false],
    ["127.1", "127.0.0.1", false],
    ["xn--mnchen-3ya.example", "xn--mnchen-3ya.example", false],
  ] as const)("parseHost(%p) is %p", (text, name, hasPort) => {
    expect(parseHost(text)).toEqual({ name, hasPort });
  });

  test.each([
    "",
    " ",
    "a b",
    "a,b",
    "a, b",
    "user@a",
    "a/b",
    "http://a",
    "a?b",
    "a#b",
    "a\\b",
    "%6cocalhost",
    "[::1",
    "::1",
    "a:b",
    "a:99999",
    "1.2.3.999",
    ":80",
    ".",
  ])("parseHost(%p) is null", (text) => {
    expect(parseHost(text)).toBeNull();
  });
});

test.each([
  ["localhost", true],
  ["app.localhost", true],
  ["127.0.0.1", true],
  ["127.9.8.7", true],
  ["[::1]", true],
  ["localhost.evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["evil-localhost", false],
  ["128.0.0.1", false],
  ["0.0.0.0", false],
  ["[::2]", false],
])("isLoopbackName(%p) is %p", (name, expected) => {
  expect(isLoopbackName(name)).toBe(expected);
});

test.each([
  ["10.0.0.5", true],
  ["[fe80::1]", true],
  ["a.example", false],
  ["1.2.3.4.example", false],
])("isAddress(%p) is %p", (name, expected) => {
  expect(isAddress(name)).toBe(expected);
});
