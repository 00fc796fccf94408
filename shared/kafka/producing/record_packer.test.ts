import { describe, expect, test } from "bun:test";
import type { OutgoingRecord } from "../client_record.ts";
import { RecordPacker } from "./record_packer.ts";

const RECORD: OutgoingRecord = { key: null, value: null, timestampMs: 0 };

function add(packer: RecordPacker, record: Partial<OutgoingRecord>, slot = 0, topic = "events") {
  return packer.add({ topic, record: { ...RECORD, ...record }, slot });
}

describe("RecordPacker", () => {
  test("add() writes fields and bytes one after the other, and tells null from empty", () => {
    const packer = new RecordPacker();

    add(packer, { key: "ü\0", value: Buffer.from("one"), timestampMs: 1.7e12 }, 7);
    add(packer, { key: Buffer.from([255]), value: Buffer.alloc(0) }, 8);
    add(packer, {}, 9);

    const fields = [...new Float64Array(packer.fields.buffer)];
    expect([fields.slice(0, 4), fields.slice(4, 8), fields.slice(8, 12)]).toEqual([
      [1.7e12, 7, 3, 3],
      [0, 8, 1, 0],
      [0, 9, -1, -1],
    ]);
    expect(packer.bytes.subarray(0, 7)).toEqual(Buffer.from([195, 188, 0, 111, 110, 101, 255]));
  });

  test("add() refuses a record with headers, and one of another topic", () => {
    const packer = new RecordPacker();
    add(packer, {});

    expect(add(packer, { headers: [{ key: "h", value: null }] })).toBe(false);
    expect(add(packer, {}, 1, "other")).toBe(false);
    expect(add(packer, { headers: [] })).toBe(true);
  });

  test("add() refuses what may not fit, until clear()", () => {
    const packer = new RecordPacker();
    const value = Buffer.alloc(512 * 1024 - 30);
    const before = add(packer, { key: "0123456789", value });

    expect(before).toBe(true);
    expect(add(packer, { value: Buffer.alloc(21) })).toBe(false);
    expect(packer.clear()).toHaveLength(1);
    expect(add(packer, { value: Buffer.alloc(512 * 1024 + 1) })).toBe(false);
    expect(add(packer, { value })).toBe(true);
  });

  test("add() takes 1,024 records and no more", () => {
    const packer = new RecordPacker();
    const taken = Array.from({ length: 1030 }, (_, slot) => add(packer, {}, slot));

    expect(taken.filter(Boolean)).toHaveLength(1024);
    expect(packer.clear().map(({ slot }) => slot)).toEqual(
      Array.from({ length: 1024 }, (_, i) => i),
    );
    expect(packer.count).toBe(0);
  });
});
