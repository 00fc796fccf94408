import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { decompress } from "./decompress.ts";
import type { Encoding } from "@tally/shared";
import { refuse, type Refusal } from "./form/refusal.ts";
import type { Body } from "./read_body.ts";
import { isWholeZstd } from "./zstd_frame.ts";

const BYTES_MAX = 100_000;
const COMPRESS = {
  gzip: (bytes: Buffer) => gzipSync(bytes),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
};
const DECOMPRESS = { gzip: gunzipSync, zstd: zstdDecompressSync };
const ENCODINGS = ["gzip", "zstd"] as const;

/** CPU time of a call, µs; the least of three, as other threads of this process count as well. */
function leastCpuUs(call: () => unknown): number {
  const costs = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    call();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...costs);
}
const bodyOf = (bytes: Uint8Array): Body => ({ kind: "body", bytes: Buffer.from(bytes) });
const run = (bytes: Buffer, encoding: Encoding): Body | Refusal =>
  decompress(bodyOf(bytes), encoding, BYTES_MAX);

describe.each(ENCODINGS)("decompress() of %s", (encoding) => {
  const compress = COMPRESS[encoding];

  test("gives back what was compressed, in one piece or two", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
        const body = Buffer.concat([compress(Buffer.from(a)), compress(Buffer.from(b))]);

        expect(run(body, encoding)).toEqual(bodyOf(Buffer.concat([a, b])));
      }),
    );
  });

  test("takes content of exactly the limit and refuses one byte more", () => {
    expect(run(compress(Buffer.alloc(BYTES_MAX)), encoding)).toEqual(
      bodyOf(Buffer.alloc(BYTES_MAX)),
    );
    expect(run(compress(Buffer.alloc(BYTES_MAX + 1)), encoding)).toEqual(refuse("body_too_large"));
  });

  test("refuses a bomb in a time that does not depend on its content", () => {
    const bomb = compress(Buffer.alloc(200_000_000));
    const refused = leastCpuUs(() => expect(run(bomb, encoding)).toEqual(refuse("body_too_large")));
    const whole = leastCpuUs(() => DECOMPRESS[encoding](bomb));

    // Measured: 1,000 to 3,000 µs; decompressing all of it takes 60,000 and more.
    expect(refused).toBeLessThan(whole / 3);
  });

  test("refuses every cut of it", () => {
    const whole = compress(Buffer.from("line 1\nline 2\n".repeat(100)));
    for (let length = 0; length < whole.length; length++) {
      expect(run(whole.subarray(0, length), encoding)).toEqual(refuse("invalid_body"));
    }
  });

  test("refuses other bytes, alone and after it", () => {
    expect(run(Buffer.from("hello, this is text"), encoding)).toEqual(refuse("invalid_body"));
    expect(
      run(Buffer.concat([compress(Buffer.from("a")), Buffer.from("hello, text")]), encoding),
    ).toEqual(refuse("invalid_body"));
  });

  test("never throws when a byte is changed", () => {
    const whole = compress(Buffer.from(JSON.stringify({ a: [1, 2, 3], b: "text" }).repeat(20)));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        run(changed, encoding);
      }),
    );
  });
});

test("decompress() returns the body itself when it is not compressed", () => {
  const body = bodyOf(Buffer.from("as it is"));

  expect(decompress(body, "identity", BYTES_MAX)).toBe(body);
});

describe("isWholeZstd()", () => {
  const window = (log: number) =>
    zstdCompressSync(Buffer.from("x".repeat(10)), {
      params: { [constants.ZSTD_c_windowLog]: log, [constants.ZSTD_c_contentSizeFlag]: 0 },
    });

  test("passes over skippable frames", () => {
    const skippable = Buffer.from("502a4d1803000000616263", "hex");

    expect(isWholeZstd(Buffer.concat([skippable, zstdCompressSync(Buffer.from("a"))]))).toBe(true);
    expect(isWholeZstd(skippable.subarray(0, 9))).toBe(false);
  });

  test("is true with a checksum and frames of many blocks", () => {
    const noise = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * 2654435761) >>> 13));
    const params = { [constants.ZSTD_c_checksumFlag]: 1 };

    const frame = zstdCompressSync(noise, { params });

    expect(isWholeZstd(frame)).toBe(true);
    expect(isWholeZstd(frame.subarray(0, -1))).toBe(false);
  });

  test("is false when the window is larger than 8 MiB", () => {
    // Magic, no content size, window descriptor: 2^(10 + 13) is 8 MiB; then one empty last block.
    const frame = (windowDescriptor: number) =>
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, windowDescriptor, 1, 0, 0]);

    expect(isWholeZstd(frame(13 << 3))).toBe(true);
    expect(isWholeZstd(frame((13 << 3) | 1))).toBe(false);
    expect(isWholeZstd(frame(0xff))).toBe(false);
    expect(isWholeZstd(window(20))).toBe(true);
  });
});
