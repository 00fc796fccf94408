import type { Message } from "@confluentinc/kafka-javascript";
import { describe, expect, test } from "bun:test";
import { countMessages, unpackMessages, unpackReports } from "./packed.ts";

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
  isWanted: (partition: number, offset: number) => boolean = ALL,
  others: readonly Message[] = [],
) {
  return unpackMessages({ topic: "events", blocks, others }, isWanted).records;
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

    const records = unpack(blocks);

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

    const records = unpack(blocks, (_, offset) => offset !== 1);

    expect(records.map(({ key, value }) => `${key}${value}`)).toEqual(["a0", "c2"]);
  });

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
  const OTHER = [-1, -1, -1, -1, -1, 3];

  test("keeps a message that was not packed in its place", () => {
    const blocks = packed([
      [
        { key: null, value: "0" },
        { key: null, value: "1" },
      ],
    ]);

    const records = unpack(insert(blocks, 1, OTHER), ALL, [whole]);

    expect(records.map(({ value }) => value?.toString())).toEqual(["0", "w", "1"]);
    expect(records[1]?.headers).toEqual([{ key: "h", value: Buffer.from("1") }]);
  });

  test("throws when a message that was not packed has no place", () => {
    const blocks = packed([[{ key: null, value: "v" }]]);

    expect(() => unpack(blocks, ALL, [whole])).toThrow("got 1 with headers, expected 0");
  });

  test("tells the ends of logs apart from messages", () => {
    const blocks = insert(packed([[{ key: null, value: "v" }]]), 1, [5, 41, -1, -1, -1, 2]);
    const consumed = { topic: "events", blocks, others: [] };

    const { records, ends } = unpackMessages(consumed, ALL);

    expect(countMessages(consumed)).toBe(1);
    expect(records.map(({ value }) => value?.toString())).toEqual(["v"]);
    expect(ends).toEqual([{ partition: 5, offset: 41 }]);
  });
});

/** Puts fields in front of those of the n-th message. */
function insert(blocks: readonly ArrayBuffer[], index: number, fields: readonly number[]) {
  const [before = new ArrayBuffer(0), ...bytes] = blocks;
  const numbers = [...new Float64Array(before)];
  numbers.splice(index * fields.length, 0, ...fields);
  return [new Float64Array(numbers).buffer, ...bytes];
}

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
