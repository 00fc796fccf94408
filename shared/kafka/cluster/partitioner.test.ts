import { describe, expect, test } from "bun:test";
import { murmur2, partitionOf } from "./partitioner.ts";

describe("murmur2()", () => {
  // The values of Kafka's own test of its Java client (UtilsTest.testMurmur2).
  test.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ])("murmur2() gives the hash of Kafka's Java client for %p", (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });
});

describe("partitionOf()", () => {
  test("partitionOf() ignores the sign of the hash", () => {
    expect(partitionOf("21", 6)).toBe((-973932308 & 0x7fffffff) % 6);
  });
});
