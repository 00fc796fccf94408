import { describe, expect, test } from "bun:test";
import { createEventIds } from "./id.ts";

describe("createEventIds()", () => {
  test("createEventIds() makes the ids of the contract from a key and the index", () => {
    const idOf = createEventIds("key-1", null);

    expect([0, 1, 4999].map(idOf)).toEqual([
      "774167a2-e104-8503-8d8a-6a2ad0c00000",
      "774167a2-e104-8503-8d8a-6a2ad0c00001",
      "774167a2-e104-8503-8d8a-6a2ad0c01387",
    ]);
  });

  test("createEventIds() makes a UUIDv8 that ends in the index", () => {
    const hash = new Bun.CryptoHasher("sha256").update("\na b").digest("hex");

    for (const index of [0, 15, 65_536, 1_048_575]) {
      const id = createEventIds("a b", null)(index);

      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(id).toStartWith(`${hash.slice(0, 8)}-${hash.slice(8, 12)}-8`);
      expect(Number.parseInt(id.slice(-5), 16)).toBe(index);
    }
  });

  test("createEventIds() makes the ids of one request neighbours, and all of them different", () => {
    const requests = ["a", "b", "c"].map((key) => createEventIds(key, null));
    const ids = requests.map((idOf) => Array.from({ length: 5000 }, (_, index) => idOf(index)));

    const sorted = ids.flat().toSorted();

    expect(new Set(sorted).size).toBe(15_000);
    for (const own of ids) {
      const first = sorted.indexOf(own[0] ?? "");
      expect(sorted.slice(first, first + 5000)).toEqual(own);
    }
  });

  test("createEventIds() makes an id of its own for each event when there is no key", () => {
    const idOf = createEventIds(null, null);

    expect(idOf(0)).not.toBe(idOf(0));
    expect(idOf(0)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  test("createEventIds() makes other ids for each sender of the same idempotency key", () => {
    const ids = [null, "web", "shop"].map((source) => createEventIds("key-1", source)(0));

    expect(new Set(ids).size).toBe(3);
  });
});
