import { describe, expect, test } from "bun:test";
import type { OpenedPartition } from "./sink.ts";
import { decideStart } from "./start_position.ts";

function opened(changes: Partial<OpenedPartition> = {}): OpenedPartition {
  return { nextOffset: 10n, lastHash: "abc", plannedLastOffsets: [], stopped: null, ...changes };
}

describe("decideStart()", () => {
  test("decideStart() begins at the log's start when there is no position", () => {
    const start = decideStart(opened({ nextOffset: null, lastHash: null }), { low: 4n, high: 9n });

    expect(start).toMatchObject({
      position: 4n,
      fetchFrom: 4n,
      isNew: true,
      gap: null,
      stopped: null,
    });
  });

  test("decideStart() fetches the record before the position to compare its hash", () => {
    const start = decideStart(opened(), { low: 0n, high: 10n });

    expect(start).toMatchObject({
      position: 10n,
      fetchFrom: 9n,
      expectedHash: "abc",
      stopped: null,
    });
  });

  test("decideStart() compares nothing when the log begins at the position", () => {
    const start = decideStart(opened(), { low: 10n, high: 12n });

    expect(start).toMatchObject({ position: 10n, fetchFrom: 10n, expectedHash: null, gap: null });
  });

  test("decideStart() reports the gap when the log begins above the position", () => {
    const start = decideStart(opened(), { low: 15n, high: 20n });

    expect(start).toMatchObject({
      position: 10n,
      fetchFrom: 15n,
      gap: { firstOffset: 10n, lastOffset: 14n },
    });
  });

  test("decideStart() stops when the log ends below the position", () => {
    const start = decideStart(opened(), { low: 0n, high: 9n });

    expect(start.stopped).toStartWith("log_replaced");
  });

  test("decideStart() stays stopped until the reason is cleared", () => {
    const start = decideStart(opened({ stopped: "log_replaced: x" }), { low: 0n, high: 50n });

    expect(start.stopped).toBe("log_replaced: x");
  });
});
