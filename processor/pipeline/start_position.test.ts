import { describe, expect, test } from "bun:test";
import type { OpenedPartition } from "./sink.ts";
import { decideStart } from "./start_position.ts";

function opened(changes: Partial<OpenedPartition> = {}): OpenedPartition {
  return { nextOffset: 10n, lastHash: "abc", plannedLastOffsets: [], stopped: null, ...changes };
}

describe("decideStart()", () => {
  test("decideStart() begins at the log's start when there is no position", () => {
    const none = opened({ nextOffset: null, lastHash: null });

    const start = decideStart(none, { low: 4n, high: 9n }, false);

    expect(start).toMatchObject({
      position: 4n,
      fetchFrom: 4n,
      isNew: true,
      gap: null,
      stopped: null,
    });
  });

  test("decideStart() counts what was deleted before the first start when the sink loses it", () => {
    const none = opened({ nextOffset: null, lastHash: null });

    const start = decideStart(none, { low: 4n, high: 9n }, true);

    expect(start).toMatchObject({
      position: 0n,
      fetchFrom: 4n,
      isNew: true,
      gap: { firstOffset: 0n, lastOffset: 3n, isLost: true },
    });
  });

  test("decideStart() fetches the last record, not a gap after it, to compare the hash", () => {
    const start = decideStart(opened({ lastOffset: 7n }), { low: 0n, high: 10n }, true);

    expect(start).toMatchObject({ fetchFrom: 7n, expected: { offset: 7n, hash: "abc" } });
  });

  test("decideStart() fetches the record before the position to compare its hash", () => {
    const start = decideStart(opened(), { low: 0n, high: 10n }, true);

    expect(start).toMatchObject({
      position: 10n,
      fetchFrom: 9n,
      expected: { offset: 9n, hash: "abc" },
      stopped: null,
    });
  });

  test("decideStart() compares nothing when the log begins at the position", () => {
    const start = decideStart(opened(), { low: 10n, high: 12n }, true);

    expect(start).toMatchObject({ position: 10n, fetchFrom: 10n, expected: null, gap: null });
  });

  test("decideStart() reports the gap when the log begins above the position", () => {
    const start = decideStart(opened(), { low: 15n, high: 20n }, true);

    expect(start).toMatchObject({
      position: 10n,
      fetchFrom: 15n,
      gap: { firstOffset: 10n, lastOffset: 14n, isLost: true },
    });
  });

  test("decideStart() stops when the log ends below the position", () => {
    const start = decideStart(opened(), { low: 0n, high: 9n }, true);

    expect(start.stopped).toStartWith("log_replaced");
  });

  test("decideStart() stays stopped until the reason is cleared", () => {
    const start = decideStart(opened({ stopped: "log_replaced: x" }), { low: 0n, high: 50n }, true);

    expect(start.stopped).toBe("log_replaced: x");
  });
});
