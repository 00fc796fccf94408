/** Bytes that are no text, and more of them than a page can draw. */
import { expect, test } from "bun:test";
import { bytesOf, DUMPED_BYTES_MAX, hexDump } from "./hex.ts";

test("hexDump() prints offset, bytes and printable signs", () => {
  const bytes = bytesOf(Buffer.from('{"a":"\u0000\u202e"} and more').toString("base64"));

  expect(hexDump(bytes).split("\n")).toEqual([
    '00000000  7b 22 61 22 3a 22 00 e2  80 ae 22 7d 20 61 6e 64  |{"a":"...."} and|',
    "00000010  20 6d 6f 72 65                                    | more|",
  ]);
});

test("hexDump() says how many bytes it leaves out", () => {
  const dump = hexDump(new Uint8Array(DUMPED_BYTES_MAX + 5));

  expect(dump.split("\n").at(-1)).toBe("… 5 bytes more");
  expect(dump.split("\n")).toHaveLength(DUMPED_BYTES_MAX / 16 + 1);
  expect(hexDump(new Uint8Array(0))).toBe("");
});
