import { describe, expect, test } from "bun:test";
import { conflictsAfter, withConflicts } from "./conflicts.ts";
import { batchOf, event } from "./testing/batches.ts";

/** Records of one event id each, at offsets from 0; "" is a record that holds no event. */
function recordsOf(...ids: readonly string[]) {
  const values = ids.map((id) => (id === "" ? Buffer.from("{") : event(id)));
  return batchOf(0, 0n, values).records;
}

describe("conflictsAfter()", () => {
  test("conflictsAfter() adds what a judgement found to what others found before", () => {
    const conflicts = conflictsAfter(recordsOf("a", "b", "a", "b"), new Set([2n]), [3n]);

    expect(conflicts).toEqual(new Set([2n, 3n]));
  });

  test("conflictsAfter() judges later events of an id again when an earlier one is in conflict", () => {
    const conflicts = conflictsAfter(recordsOf("a", "b", "a", "", "b"), new Set([2n, 4n]), [0n]);

    expect(conflicts).toEqual(new Set([0n, 4n]));
  });
});

test("withConflicts() marks the records in conflict and keeps the others as they are", () => {
  const records = recordsOf("a", "b", "");

  const marked = withConflicts(records, new Set([1n]));

  expect(marked.map(({ record }) => record)).toEqual(records.map(({ record }) => record));
  expect(marked[0]).toBe(records[0]);
  expect(marked[1]?.decoded).toEqual({ code: "id_conflict", pointer: "/eventId" });
  expect(marked[2]).toBe(records[2]);
});
