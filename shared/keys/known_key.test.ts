import { describe, expect, test } from "bun:test";
import { KeySet } from "./known_key.ts";
import { createKeySet } from "./testing/key_sets.ts";

describe("KeySet.find()", () => {
  test("finds the key with the text, and none of another text", () => {
    const { set, texts } = createKeySet({ name: "shop" }, { name: "admin", scopes: ["read"] });
    const [first = "", second = ""] = texts;

    expect(set.find(first)?.name).toBe("shop");
    expect(set.find(second)?.scopes).toEqual(new Set(["read"]));
    expect(set.find(`${first.slice(0, -1)}${first.endsWith("A") ? "B" : "A"}`)).toBeNull();
    expect(set.find("")).toBeNull();
    expect(set.find("x".repeat(1_000_000))).toBeNull();
  });

  test("does not take a hash for a key", () => {
    const { set } = createKeySet({});
    const { keys } = JSON.parse(set.toJson()) as { keys: { hash: string }[] };

    expect(set.find(keys[0]?.hash ?? "")).toBeNull();
  });
});

describe("KeySet.fromJson()", () => {
  test("gives back what toJson() has written", () => {
    const { set, texts } = createKeySet(
      { name: "page", origins: ["https://shop.example"], eventTypes: ["click"] },
      { name: "all", scopes: ["read", "operate"], eventsPerSecond: 5, bytesPerSecond: 2 ** 40 },
    );

    const read = KeySet.fromJson(set.toJson());

    expect(read?.version).toBe(set.version);
    expect(read?.size).toBe(2);
    for (const text of texts) expect(read?.find(text)).toEqual(set.find(text));
  });

  test("toJson() holds no key", () => {
    const { set, texts } = createKeySet({}, {});

    for (const text of texts) expect(set.toJson()).not.toContain(text);
  });

  const KEY = {
    hash: "0".repeat(64),
    name: "a",
    scopes: ["write"],
    origins: [],
    eventTypes: null,
    eventsPerSecond: null,
    bytesPerSecond: null,
  };
  const bad: [title: string, text: string][] = [
    ["nothing", ""],
    ["half a text", createKeySet({}).set.toJson().slice(0, -9)],
    ["a list", "[]"],
    ["no version", JSON.stringify({ keys: [] })],
    ["a version that is null", JSON.stringify({ version: null, keys: [] })],
    ["no keys", JSON.stringify({ version: "1" })],
    ...Object.entries({
      hash: "00",
      name: "a b",
      scopes: ["admin"],
      origins: null,
      eventTypes: "click",
      eventsPerSecond: 0,
      bytesPerSecond: "1",
    }).map(([field, value]): [string, string] => [
      `a key with a bad ${field}`,
      JSON.stringify({ version: "1", keys: [{ ...KEY, [field]: value }] }),
    ]),
  ];

  test.each(bad)("is null when the text is %s", (_, text) => {
    expect(KeySet.fromJson(text)).toBeNull();
  });

  test("reads a key whose fields are all good", () => {
    expect(KeySet.fromJson(JSON.stringify({ version: "1", keys: [KEY] }))?.size).toBe(1);
  });
});
