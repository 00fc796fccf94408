/** Tests of lines and bytes of one object. */
import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import fc from "fast-check";
import { gunzipSync } from "node:zlib";
import { digestOf, joinLines, encodeObject, lastReceivedAt, selectLines } from "./lines.ts";
import type { DecodedRecord } from "../pipeline/sink.ts";
import { testBatch } from "../pipeline/testing/sink_contract.ts";

const options = (excluded: readonly string[], areCanonical = false) => ({
  excluded: new Set(excluded),
  areCanonical,
});

test("lastReceivedAt() takes no receive time of 1970 for the last one", () => {
  const { records } = testBatch({ partition: 0, firstOffset: 10n, count: 2 });
  const odd = records.map(({ record, decoded }) => ({
    record,
    decoded: { ...decoded, receivedAt: "1970-01-01T00:00:00.000Z" } as DecodedRecord["decoded"],
  }));
  const [sane] = records as [DecodedRecord];

  expect(lastReceivedAt([sane, ...odd])).toBe((sane.decoded as { receivedAt: string }).receivedAt);
  expect(lastReceivedAt(odd)).toBeNull();
});

describe("selectLines()", () => {
  test("selectLines() gives the records' values less the excluded offsets, in order", () => {
    const { records } = testBatch({ partition: 0, firstOffset: 10n, count: 5 });

    const lines = selectLines(records, options(["10", "13", "99"]));

    expect(lines.map(({ offset }) => offset)).toEqual([11n, 12n, 14n]);
    expect(lines.map(({ line }) => line)).toEqual(
      [1, 2, 4].map((index) => records[index]?.record.value as Buffer),
    );
  });

  test("selectLines() of records known to be canonical decodes none", () => {
    const { records } = testBatch({ partition: 0, firstOffset: 10n, count: 3 });
    const values = records.map(({ record }) => record.value as Buffer);
    const locked = records.map(({ record }) => ({
      record,
      get decoded(): DecodedRecord["decoded"] {
        throw new Error("decoded");
      },
    }));

    const lines = selectLines(locked, options(["11"], true));

    expect(lines.map(({ line }) => line)).toEqual([values[0], values[2]] as Buffer[]);
    expect(() => selectLines(locked, options([]))).toThrow("decoded");
  });

  test("selectLines() gives the same object whether records are known to be canonical or not", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), (isExcluded) => {
        const count = isExcluded.length;
        const { records } = testBatch({ partition: 0, firstOffset: 0n, count });
        const excluded = isExcluded.flatMap((is, offset) => (is ? [String(offset)] : []));

        const known = joinLines(selectLines(records, options(excluded, true)));

        expect(known).toEqual(joinLines(selectLines(records, options(excluded))));
      }),
    );
  });

  test("selectLines() takes no value with a line end for a line, even when known to be canonical", () => {
    const { records } = testBatch({ partition: 0, firstOffset: 0n, count: 1 });
    const broken = records.map(({ record, decoded }) => ({
      record: { ...record, value: Buffer.from("{\n}") },
      decoded,
    }));

    const lines = selectLines(broken, options([], true));

    expect(lines).toEqual(selectLines(records, options([])));
  });

  test("selectLines() leaves out a record without an event when it is a dead letter", () => {
    const { records } = testBatch({ partition: 0, firstOffset: 0n, count: 2 });
    const faulty = records.map(({ record }) => ({
      record,
      decoded: { code: "record_corrupt", pointer: "" } as const,
    }));

    expect(selectLines(faulty, options(["0", "1"]))).toEqual([]);
  });

  test("selectLines() throws internal when a record without an event is no dead letter", () => {
    const { records } = testBatch({ partition: 3, firstOffset: 7n, count: 1 });
    const faulty = records.map(({ record }) => ({
      record,
      decoded: { code: "record_corrupt", pointer: "" } as const,
    }));

    const select = () => selectLines(faulty, options([]));

    expect(select).toThrow(PipelineError);
    expect(select).toThrow("record 7 of partition 3");
  });
});

describe("joinLines()", () => {
  test("joinLines() ends each line and digests them all", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (values) => {
        const lines = values.map((value, index) => ({
          offset: BigInt(index),
          line: Buffer.from(value),
        }));

        const joined = joinLines(lines);

        const wanted = Buffer.concat(values.flatMap((value) => [value, Buffer.from("\n")]));
        expect(joined.content.equals(wanted)).toBeTrue();
        expect(joined).toMatchObject({ events: values.length, sha256: digestOf(wanted) });
      }),
    );
  });
});

describe("encodeObject()", () => {
  test("encodeObject() packs or leaves the same lines", async () => {
    const content = Buffer.from('{"n":1}\n'.repeat(100));

    const plain = await encodeObject(content, "json");
    const packed = await encodeObject(content, "json.gz");

    expect(plain).toBe(content);
    expect(packed.byteLength).toBeLessThan(content.length);
    expect(gunzipSync(packed)).toEqual(content);
  });
});
