import { describe, expect, test } from "bun:test";
import { owned, record } from "./testing/partition.ts";
import { recordHash } from "./positions.ts";

describe("Partition", () => {
  test("receive() takes records in order and next() gives them as one batch", async () => {
    const partition = owned();

    const states = [10, 11].map((offset) => partition.receive(record(offset)).state);

    expect(states).toEqual(["ok", "ok"]);
    expect(await partition.next(1)).toMatchObject({ firstOffset: 10n, nextOffset: 12n, gaps: [] });
  });

  test("receive() leaves out records below the position", async () => {
    const partition = owned();

    for (const offset of [8, 9, 10]) partition.receive(record(offset));

    expect(await partition.next(1)).toMatchObject({ firstOffset: 10n, nextOffset: 11n });
  });

  test("receive() asks for a second fetch before it believes in a gap", async () => {
    const partition = owned();

    const first = partition.receive(record(13));
    const second = partition.receive(record(13));

    expect(first).toEqual({ state: "refetch", offset: 10n });
    expect(second).toEqual({ state: "ok" });
    expect(await partition.next(1)).toMatchObject({
      firstOffset: 10n,
      nextOffset: 14n,
      gaps: [{ firstOffset: 10n, lastOffset: 12n }],
    });
  });

  test("receive() takes a late seek for no gap when the second fetch brings the record", async () => {
    const partition = owned();

    partition.receive(record(13));
    for (const offset of [10, 11, 12, 13]) partition.receive(record(offset));

    expect(await partition.next(1)).toMatchObject({ firstOffset: 10n, nextOffset: 14n, gaps: [] });
  });

  test("receive() goes on when the record before the position is the one that was written", () => {
    const partition = owned({ fetchFrom: 9n, expectedHash: recordHash(record(9).value) });

    const states = [9, 10].map((offset) => partition.receive(record(offset)).state);

    expect(states).toEqual(["ok", "ok"]);
  });

  test("receive() says replaced when the record before the position is another", () => {
    const partition = owned({ fetchFrom: 9n, expectedHash: recordHash(Buffer.from("another")) });

    const received = partition.receive(record(9));

    expect(received.state).toBe("replaced");
  });

  test("next() begins behind what the log has lost and tells the gap", async () => {
    const partition = owned({ fetchFrom: 15n, gap: { firstOffset: 10n, lastOffset: 14n } });

    partition.receive(record(15));

    expect(await partition.next(1)).toMatchObject({
      firstOffset: 10n,
      nextOffset: 16n,
      gaps: [{ firstOffset: 10n, lastOffset: 14n }],
    });
  });

  test("isFull and hasRoom leave a distance between pausing and resuming", async () => {
    const partition = owned({}, { buffered: 4, batch: 1 });

    const states = [10, 11, 12, 13].map((offset) => {
      partition.receive(record(offset));
      return [partition.isFull, partition.hasRoom];
    });
    await partition.next(1);
    const afterOne = [partition.isFull, partition.hasRoom];
    await partition.next(1);
    await partition.next(1);

    expect(states).toEqual([
      [false, true],
      [false, false],
      [false, false],
      [true, false],
    ]);
    expect(afterOne).toEqual([false, false]);
    expect([partition.isFull, partition.hasRoom]).toEqual([false, true]);
  });

  test("isFull stays off while only an open batch is held, or it could never close", async () => {
    const partition = owned({}, { buffered: 2, batch: 5 });

    const states = [10, 11, 12, 13].map((offset) => {
      partition.receive(record(offset));
      return partition.isFull;
    });
    partition.receive(record(14));

    expect(states).toEqual([false, false, false, false]);
    expect(partition.isFull).toBeTrue();
  });

  test("drain() lets next() give what is left and end", async () => {
    const partition = owned();
    partition.receive(record(10));

    partition.drain();

    expect(await partition.next(1)).toMatchObject({ reason: "shutdown", nextOffset: 11n });
    expect(await partition.next(1)).toBe("ended");
  });

  test("end() wakes next() and leaves what is buffered to the next owner", async () => {
    const partition = owned();
    const waiting = partition.next(60_000);

    partition.end();

    expect(await waiting).toBe("ended");
    expect(partition.signal.aborted).toBeTrue();
  });
});
