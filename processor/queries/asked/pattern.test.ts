import { describe, expect, test } from "bun:test";
import { translatePattern } from "./pattern.ts";

describe("translatePattern()", () => {
  test.each([
    ["^/user/\\d+$", "^/user/[0-9]+$"],
    ["a.b", "a[^\\n]b"],
    ["(a|b)+?c", "(?:a|b)+c"],
    ["[\\w.-]+@", "[A-Za-z0-9_\\.\\-]+@"],
    ["[a-z-]\\S", "[a-z\\-][^ \\t\\n\\r\\f\\v]"],
    ["a{2,100}", "a{2,100}"],
    ["(a+)+$", "(?:a+)+$"],
    ["ä|", "ä|"],
  ])("translatePattern() reads %p as %p", (pattern, expected) => {
    expect(translatePattern(pattern)).toBe(expected);
  });

  test.each([
    "",
    "a".repeat(257),
    "(a)\\1",
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(?i)a",
    "(?<name>a)",
    "a{101}",
    "a{3,2}",
    "a{,3}",
    "(a{100}){100}",
    "[[:alpha:]]",
    "[^\\D]",
    "[]",
    "[a",
    "(a",
    "a)",
    "a**",
    "^*",
    "*a",
    "\\bword",
    "\\x41",
    "\\",
    "***:a",
    "a\0",
    "(".repeat(11) + ")".repeat(11),
  ])("translatePattern() refuses %p", (pattern) => {
    expect(translatePattern(pattern)).toBeNull();
  });
});
