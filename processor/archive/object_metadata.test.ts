/** The metadata of an object: what is written can be planned again, and nothing less. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isOfOtherTopic, objectMetadata, readPlanOf } from "./object_metadata.ts";
import { objectKey, type ObjectFormat } from "./object_key.ts";
import type { PlannedObject } from "./plan.ts";

const SHA256 = "ab".repeat(32);

/** A plan with an object, whose key is as `objectKey` prints it. */
function planOf(firstOffset: bigint, records: bigint, format: ObjectFormat): PlannedObject {
  const range = { firstOffset, nextOffset: firstOffset + records };
  const parts = { prefix: "events", partition: 3, firstOffset, firstTimestampMs: 5, format };
  return {
    ...range,
    key: objectKey(parts),
    format,
    encoder: 1,
    events: 7,
    bytes: 9,
    sha256: SHA256,
  };
}

/** The metadata that the store keeps: it adds the digest. */
function storedMetadata(plan: PlannedObject): Record<string, string> {
  return { ...objectMetadata(plan, "topic-id"), sha256: plan.sha256 };
}

describe("readPlanOf()", () => {
  test("readPlanOf() gives the plan that objectMetadata() recorded", () => {
    const offset = fc.bigInt({ min: 0n, max: 2n ** 62n });
    const records = fc.bigInt({ min: 1n, max: 1_000_000n });
    const format = fc.constantFrom<ObjectFormat>("json", "json.gz");
    fc.assert(
      fc.property(offset, records, format, (firstOffset, count, encoding) => {
        const plan = planOf(firstOffset, count, encoding);

        expect(readPlanOf(plan.key ?? "", storedMetadata(plan))).toEqual(plan);
      }),
    );
  });

  test.each(["last-offset", "encoder", "events", "bytes", "sha256"])(
    "readPlanOf() throws archive_conflict when %s is missing",
    (name) => {
      const plan = planOf(40n, 10n, "json");
      const metadata = storedMetadata(plan);
      delete metadata[name];

      expect(() => readPlanOf(plan.key ?? "", metadata)).toThrow("does not say which range");
    },
  );

  test("readPlanOf() throws archive_conflict when the key is not one of the archive", () => {
    const metadata = storedMetadata(planOf(40n, 10n, "json"));

    expect(() => readPlanOf("events/notes.txt", metadata)).toThrow("Cannot take over object");
  });
});

describe("isOfOtherTopic()", () => {
  test.each([
    ["the same topic", { "topic-id": "mine" }, false],
    ["another generation", { "topic-id": "older" }, true],
    ["no id", {}, false],
  ] as const)("isOfOtherTopic() of %s", (_, metadata, isOther) => {
    expect(isOfOtherTopic(metadata, "mine")).toBe(isOther);
  });
});
