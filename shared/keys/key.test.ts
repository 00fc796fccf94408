import { expect, test } from "bun:test";
import { hashKey, isWellFormedKey, newKey, prefixOfKey } from "./key.ts";

const ZEROS = `tally_${"A".repeat(43)}`;

test("newKey() is the prefix and 32 random bytes as base64url", () => {
  const counts: number[] = [];
  const key = newKey((count) => {
    counts.push(count);
    return new Uint8Array(count).fill(255);
  });

  expect(key).toBe(`tally_${"_".repeat(42)}8`);
  expect(counts).toEqual([32]);
});

test("newKey() makes well-formed keys that differ when nothing is given", () => {
  const keys = Array.from({ length: 100 }, () => newKey());

  expect(keys.every(isWellFormedKey)).toBe(true);
  expect(new Set(keys).size).toBe(100);
});

test.each([
  ["", false],
  ["tally_", false],
  [ZEROS, true],
  [`${ZEROS}A`, false],
  [`${ZEROS}\n`, false],
  [` ${ZEROS}`, false],
  [ZEROS.slice(0, -1), false],
  [ZEROS.replace("tally", "Tally"), false],
  [`tally_${"+".repeat(43)}`, false],
])("isWellFormedKey() of %p is %p", (text, isKey) => {
  expect(isWellFormedKey(text)).toBe(isKey);
});

test("hashKey() is SHA-256 in hexadecimal", () => {
  expect(hashKey("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("prefixOfKey() shows five random characters", () => {
  expect(prefixOfKey(`tally_abcde${"x".repeat(38)}`)).toBe("tally_abcde");
});
