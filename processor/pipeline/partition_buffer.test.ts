import { describe, expect, test } from "bun:test";
import { owned, record } from "./testing/partition_buffer.ts";
import { recordHash } from "./record_hash.ts";

describe("PartitionBuffer", () => {
  test("receive() takes records in order and next() gives them as one batch", async () => {
    const buffer = owned();

    const kinds = [10, 11].map((offset) => buffer.receive(record(offset)).kind);

    expect(kinds).toEqual(["taken", "taken"]);
    expect(await buffer.next(1)).toMatchObject({
      batch: { firstOffset: 10n, nextOffset: 12n, gaps: [] },
    });
  });

  test("receive() leaves out records below the position", async () => {
    const buffer = owned();

    for (const offset of [8, 9, 10]) buffer.receive(record(offset));

    expect(await buffer.next(1)).toMatchObject({ batch: { firstOffset: 10n, nextOffset: 11n } });
  });

  test("receive() takes a hole for a gap at once when the client followed the log", async () => {
    const buffer = owned();

    const kinds = [buffer.receive(record(10), 10n), buffer.receive(record(13), 10n)];

    expect(kinds).toEqual([{ kind: "taken" }, { kind: "taken" }]);
    expect(await buffer.next(1)).toMatchObject({
      batch: { nextOffset: 14n, gaps: [{ firstOffset: 11n, lastOffset: 12n }] },
    });
  });

  test("receive() asks for a second fetch before it takes a hole for a gap after a jump", async () => {
    const buffer = owned();

    const first = buffer.receive(record(13), 13n);
    const second = buffer.receive(record(13), 13n);

    expect(first).toEqual({ kind: "refetch", offset: 10n });
    expect(second).toEqual({ kind: "taken" });
    expect(await buffer.next(1)).toMatchObject({
      batch: {
        firstOffset: 10n,
        nextOffset: 14n,
        gaps: [{ firstOffset: 10n, lastOffset: 12n }],
      },
    });
  });

  test("receive() notes no gap when the second fetch brings the record", async () => {
    const buffer = owned();

    buffer.receive(record(13), 13n);
    for (const offset of [10, 11, 12, 13]) buffer.receive(record(offset));

    expect(await buffer.next(1)).toMatchObject({
      batch: { firstOffset: 10n, nextOffset: 14n, gaps: [] },
    });
  });

  test("receive() needs no second fetch when a jump ends at the position", () => {
    const buffer = owned({
      fetchFrom: 8n,
      expected: { offset: 8n, hash: "of a compacted record" },
    });

    const received = buffer.receive(record(10), 10n);

    expect(received).toEqual({ kind: "taken" });
  });

  test("reachEnd() makes a gap of what is left before the end of the log", async () => {
    const buffer = owned();
    buffer.receive(record(10));

    const received = [buffer.reachEnd(13n), buffer.reachEnd(13n), buffer.reachEnd(12n)];

    expect(received).toEqual([{ kind: "taken" }, { kind: "taken" }, { kind: "taken" }]);
    expect(await buffer.next(1)).toMatchObject({
      batch: { nextOffset: 13n, gaps: [{ firstOffset: 11n, lastOffset: 12n }] },
    });
  });

  test("reachEnd() asks for a second fetch when the client jumped to the end", () => {
    const buffer = owned();

    const received = [buffer.reachEnd(13n, 13n), buffer.reachEnd(13n, 13n)];

    expect(received).toEqual([{ kind: "refetch", offset: 10n }, { kind: "taken" }]);
    expect(buffer.expected).toBe(13n);
  });

  test("receive() continues when the record before the position is the one that was written", () => {
    const buffer = owned({
      fetchFrom: 9n,
      expected: { offset: 9n, hash: recordHash(record(9).value) },
    });

    const kinds = [9, 10].map((offset) => buffer.receive(record(offset)).kind);

    expect(kinds).toEqual(["taken", "taken"]);
  });

  test("receive() reports replaced when the record before the position is another", () => {
    const buffer = owned({
      fetchFrom: 9n,
      expected: { offset: 9n, hash: recordHash(Buffer.from("another")) },
    });

    const received = buffer.receive(record(9));

    expect(received.kind).toBe("replaced");
  });

  test("next() begins after what the log has lost and reports the gap", async () => {
    const buffer = owned({ fetchFrom: 15n, gap: { firstOffset: 10n, lastOffset: 14n } });

    buffer.receive(record(15));

    expect(await buffer.next(1)).toMatchObject({
      batch: {
        firstOffset: 10n,
        nextOffset: 16n,
        gaps: [{ firstOffset: 10n, lastOffset: 14n }],
      },
    });
  });

  test("isFull and hasRoom leave a distance between pausing and resuming", async () => {
    const buffer = owned({}, { buffered: 4, batch: 1 });

    const states = [10, 11, 12, 13].map((offset) => {
      buffer.receive(record(offset));
      return [buffer.isFull, buffer.hasRoom];
    });
    await buffer.next(1);
    const afterOne = [buffer.isFull, buffer.hasRoom];
    await buffer.next(1);
    await buffer.next(1);

    expect(states).toEqual([
      [false, true],
      [false, false],
      [false, false],
      [true, false],
    ]);
    expect(afterOne).toEqual([false, false]);
    expect([buffer.isFull, buffer.hasRoom]).toEqual([false, true]);
  });

  test("isFull stays false while only an open batch is held, or it could never close", async () => {
    const buffer = owned({}, { buffered: 2, batch: 5 });

    const states = [10, 11, 12, 13].map((offset) => {
      buffer.receive(record(offset));
      return buffer.isFull;
    });
    buffer.receive(record(14));

    expect(states).toEqual([false, false, false, false]);
    expect(buffer.isFull).toBeTrue();
  });

  test("drain() lets next() give what is left and end", async () => {
    const buffer = owned();
    buffer.receive(record(10));

    buffer.drain();

    expect(await buffer.next(1)).toMatchObject({ batch: { reason: "shutdown", nextOffset: 11n } });
    expect(await buffer.next(1)).toEqual({ kind: "ended" });
  });

  test("end() wakes next() and leaves what is buffered to the next owner", async () => {
    const buffer = owned();
    const waiting = buffer.next(60_000);

    buffer.end();

    expect(await waiting).toEqual({ kind: "ended" });
    expect(buffer.signal.aborted).toBeTrue();
  });
});
