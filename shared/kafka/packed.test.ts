import type { Message } from "@confluentinc/kafka-javascript";
import { describe, expect, test } from "bun:test";
import { unpackMessages, unpackReports } from "./packed.ts";

const ALL = () => true;

/** What the compatibility library makes of messages; `texts` of one block each array. */
function packed(
  blocks: readonly (readonly { readonly key: string | null; readonly value: string | null }[])[],
): ArrayBuffer[] {
  const fields: number[] = [];
  const bytes = blocks.map((messages) => {
    messages.forEach(({ key, value }, index) => {
      const lengths = [key, value].map((text) => (text === null ? -1 : Buffer.byteLength(text)));
      fields.push(3, fields.length / 6, 1000 + index, ...lengths, index === 0 ? 1 : 0);
    });
    const text = messages.map(({ key, value }) => `${key ?? ""}${value ?? ""}`).join("");
    return new Uint8Array(Buffer.from(text)).buffer;
  });
  return [new Float64Array(fields).buffer, ...bytes];
}

function unpack(
  blocks: ArrayBuffer[],
  count: number,
  isWanted: (partition: number, offset: number) => boolean = ALL,
) {
  const messages = Array<undefined>(count).fill(undefined);
  return unpackMessages(messages, { topic: "events", blocks }, isWanted);
}

describe("unpackMessages()", () => {
  test("gives each record its own bytes, across blocks", () => {
    const blocks = packed([
      [
        { key: "k0", value: "value 0" },
        { key: "", value: "" },
      ],
      [{ key: "ü", value: "value 2" }],
    ]);

    const records = unpack(blocks, 3);

    expect(records.map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual([
      ["k0", "value 0"],
      ["", ""],
      ["ü", "value 2"],
    ]);
    expect(records.map(({ partition, offset }) => [partition, offset])).toEqual([
      [3, 0n],
      [3, 1n],
      [3, 2n],
    ]);
    expect(records[1]).toMatchObject({ topic: "events", timestampMs: 1001, headers: [] });
  });

  test("distinguishes no key and no value from empty ones", () => {
    const records = unpack(
      packed([
        [
          { key: null, value: null },
          { key: null, value: "v" },
        ],
      ]),
      2,
    );

    expect(records.map(({ key, value }) => [key, value?.toString()])).toEqual([
      [null, undefined],
      [null, "v"],
    ]);
    expect(records[0]?.value).toBeNull();
  });

  test("leaves out what is not wanted, and goes on at the right bytes", () => {
    const blocks = packed([
      [
        { key: "a", value: "0" },
        { key: "b", value: "1" },
        { key: "c", value: "2" },
      ],
    ]);

    const records = unpack(blocks, 3, (_, offset) => offset !== 1);

    expect(records.map(({ key, value }) => `${key}${value}`)).toEqual(["a0", "c2"]);
  });

  test("throws when the blocks are not of these messages, and mixes nothing up", () => {
    const blocks = packed([
      [
        { key: null, value: "of a call before" },
        { key: null, value: "v" },
      ],
    ]);

    expect(() => unpack(blocks, 1)).toThrow("got 2, expected 1");
  });

  test("keeps a message that was not packed in its place", () => {
    const whole = {
      topic: "events",
      partition: 3,
      offset: 7,
      timestamp: 5,
      size: 1,
      key: null,
      value: Buffer.from("w"),
      headers: [{ h: Buffer.from("1") }],
    } as unknown as Message;
    const blocks = packed([
      [
        { key: null, value: "0" },
        { key: null, value: "1" },
      ],
    ]);

    const records = unpackMessages([undefined, whole, undefined], { topic: "events", blocks }, ALL);

    expect(records.map(({ value }) => value?.toString())).toEqual(["0", "w", "1"]);
    expect(records[1]?.headers).toEqual([{ key: "h", value: Buffer.from("1") }]);
  });
});

describe("unpackReports()", () => {
  test("passes on each report once, in order", () => {
    const reported: unknown[][] = [];

    unpackReports(new Float64Array([7, 3, 41, 0, 5, 9_007_199_254_740_991]).buffer, (...report) =>
      reported.push(report),
    );

    expect(reported).toEqual([
      [7, 3, 41n],
      [0, 5, 9_007_199_254_740_991n],
    ]);
  });
});
