import { expect, test } from "bun:test";
import {
  decodeCursor,
  encodeCursor,
  EVENTS_CURSOR,
  LETTERS_CURSOR,
  OBJECTS_CURSOR,
} from "./cursor.ts";

test.each([
  [EVENTS_CURSOR, ["1769843612345678", "a.b:c-1"]],
  [EVENTS_CURSOR, ["-62135596800000000", "."]],
  [LETTERS_CURSOR, ["17"]],
  [OBJECTS_CURSOR, ["1", "5", "41200"]],
])("decodeCursor() reads what encodeCursor() has written by %p", (pattern, keys) => {
  expect(decodeCursor(encodeCursor(keys), pattern)).toEqual(keys);
});

test.each([
  [EVENTS_CURSOR, "2026-02-30T00:00:00.000000Z_a"],
  [EVENTS_CURSOR, "1_"],
  [EVENTS_CURSOR, "1_a b"],
  [EVENTS_CURSOR, "1_a\n"],
  [EVENTS_CURSOR, "9999999999999999999_a"],
  [EVENTS_CURSOR, "-999999999999999999_a"],
  [LETTERS_CURSOR, ""],
  [LETTERS_CURSOR, "9223372036854775808"],
  [LETTERS_CURSOR, "\u0661"],
  [OBJECTS_CURSOR, "1_1"],
  [OBJECTS_CURSOR, "99999_1_1"],
])("decodeCursor() by %p gives null for %p", (pattern, text) => {
  expect(decodeCursor(text, pattern)).toBeNull();
});
