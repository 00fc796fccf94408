import { describe, expect, test } from "bun:test";
import { errorCode } from "@tally/shared";
import { LazyRecord } from "./lazy_record.ts";
import { testBatch } from "./testing/sink_contract.ts";

const [entry] = testBatch({ partition: 0, firstOffset: 7n, count: 1 }).records;

describe("LazyRecord", () => {
  test("decoded is the decoded record, decoded on first use and only once", () => {
    const value = entry?.record.value as Buffer;
    let reads = 0;
    const record = {
      ...entry?.record,
      get value() {
        reads += 1;
        return value;
      },
    } as LazyRecord["record"];

    const lazy = new LazyRecord(record, "topic-id");
    const readsBefore = reads;
    const { decoded } = lazy;
    const readsFirst = reads;

    expect(lazy.decoded).toBe(decoded);
    expect(decoded).toEqual(entry?.decoded as LazyRecord["decoded"]);
    expect([readsBefore, reads]).toEqual([0, readsFirst]);
  });

  test("decoded reports a fault of decoding as internal, with the record's place", () => {
    const noBytes = { length: 5 } as unknown as Buffer;
    const lazy = new LazyRecord({ ...entry?.record, value: noBytes } as LazyRecord["record"], "t");

    const ask = () => lazy.decoded;

    expect(ask).toThrow("record 7 of partition 0");
    try {
      ask();
    } catch (error) {
      expect(errorCode(error)).toBe("internal");
    }
    expect.assertions(2);
  });
});
