/** Tests of the key grammar: examples, round trip, refusals. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { objectKey, parseObjectKey, type ObjectKey } from "./object_key.ts";

const KEY: ObjectKey = {
  prefix: "events",
  partition: 3,
  firstOffset: 41_200n,
  firstTimestampMs: 1_769_843_612_345,
  format: "json",
};
const WRITTEN = "events/2026/01/31/07/events-1769843612345-p3-00000000000000041200.json";

const keys = fc.record<ObjectKey>({
  prefix: fc.stringMatching(/^[A-Za-z0-9._-]{1,8}(\/[A-Za-z0-9._-]{1,8}){0,3}$/),
  partition: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  firstOffset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  firstTimestampMs: fc.integer({ min: 0, max: 9_999_999_999_999 }),
  format: fc.constantFrom("json", "json.gz"),
});

describe("objectKey()", () => {
  test("objectKey() prints folders of the hour, time, partition and offset", () => {
    expect(objectKey(KEY)).toBe(WRITTEN);
    expect(objectKey({ ...KEY, format: "json.gz" })).toBe(`${WRITTEN}.gz`);
  });

  test.each([-1, Number.NaN, -Infinity])("objectKey() prints 1970 when the time is %p", (ms) => {
    const key = objectKey({ ...KEY, firstTimestampMs: ms });

    expect(key).toBe("events/1970/01/01/00/events-0000000000000-p3-00000000000000041200.json");
  });

  test.each([10_000_000_000_000, Infinity])("objectKey() prints 2286 when the time is %p", (ms) => {
    const key = objectKey({ ...KEY, firstTimestampMs: ms });

    expect(key).toBe("events/2286/11/20/17/events-9999999999999-p3-00000000000000041200.json");
  });

  test("objectKey() gives other keys when partition, offset or time differ", () => {
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        expect(objectKey(one) === objectKey(other)).toBe(Bun.deepEquals(one, other));
      }),
    );
  });
});

describe("parseObjectKey()", () => {
  test("parseObjectKey() reads back what objectKey() wrote", () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(parseObjectKey(objectKey(key))).toEqual(key);
      }),
    );
  });

  test("parseObjectKey() gives null when a store lists an upload in progress", () => {
    fc.assert(
      fc.property(keys, fc.uuid(), (key, uuid) => {
        expect(parseObjectKey(`${objectKey(key)}-${uuid}`)).toBeNull();
      }),
    );
  });

  test.each([
    ["", "nothing"],
    [WRITTEN.replace("/07/", "/08/"), "another hour"],
    [WRITTEN.replace("2026/01", "2026/1"), "a short month"],
    [WRITTEN.replace("-p3-", "-p03-"), "a padded partition"],
    [WRITTEN.replace("-p3-", "-p2147483648-"), "too large a partition"],
    [WRITTEN.replace("00000000000000041200", "99999999999999999999"), "too large an offset"],
    [WRITTEN.replace("events/2026", "2026"), "no prefix"],
    [`${WRITTEN}.zst`, "another format"],
    [`${WRITTEN}\n`, "a line end"],
  ])("parseObjectKey() gives null for %p, %s", (text) => {
    expect(parseObjectKey(text)).toBeNull();
  });
});
