import { describe, expect, test } from "bun:test";
import { parseKeysArguments } from "./arguments.ts";

const NO_LIMITS = { origins: [], eventTypes: null, eventsPerSecond: null, bytesPerSecond: null };

describe("parseKeysArguments()", () => {
  test("reads a key with nothing but a scope", () => {
    expect(parseKeysArguments(["create", "a.b_C-1", "--scope", "write"])).toEqual({
      kind: "run",
      value: { name: "create", wish: { ...NO_LIMITS, name: "a.b_C-1", scopes: ["write"] } },
    });
  });

  test("reads all options, lists with spaces or repeated", () => {
    const line = parseKeysArguments([
      ..."create page --scope write --origin https://a.example http://localhost:3000".split(" "),
      ..."--type click --type view click --events-per-second 5 --bytes-per-second 100".split(" "),
    ]);

    expect(line).toMatchObject({
      value: {
        wish: {
          scopes: ["write"],
          origins: ["https://a.example", "http://localhost:3000"],
          eventTypes: ["click", "view"],
          eventsPerSecond: 5,
          bytesPerSecond: 100,
        },
      },
    });
  });

  test.each([[["--scope", "operate,read"]], [["--scope", "operate", "read", "read"]]])(
    "orders the scopes of %j",
    (words) => {
      expect(parseKeysArguments(["create", "ada", ...words])).toMatchObject({
        value: { wish: { scopes: ["read", "operate"] } },
      });
    },
  );

  test("lists without a command", () => {
    expect(parseKeysArguments([])).toEqual({ kind: "run", value: { name: "list" } });
  });

  test("revokes by name", () => {
    expect(parseKeysArguments(["revoke", "page"])).toEqual({
      kind: "run",
      value: { name: "revoke", key: "page" },
    });
  });

  const wrong: [words: string, text: string][] = [
    ["create", "missing required argument 'name'"],
    ["create page", "--scope is required: write, read, operate."],
    ["create page --scope admin", "Allowed are write, read, operate."],
    ["create page --scope write,", "Allowed are write, read, operate."],
    ["create a/b --scope write", "1 to 64 of A-Z a-z 0-9"],
    [`create ${"x".repeat(65)} --scope write`, "1 to 64 of A-Z a-z 0-9"],
    ["create page --scope write,read", "A key that writes may do nothing else"],
    ["create page --scope write --origin https://a.example/", "no path"],
    ["create page --scope write --origin *", "no wildcard"],
    ["create page --scope write --origin a.example", "like https://shop.example"],
    ["create page --scope write --events-per-second 0", "from 1 to"],
    ["create page --scope read --origin https://a.example", "for keys with the scope write"],
    ["create page --scope read --events-per-second 1", "for keys with the scope write"],
    ["revoke", "missing required argument 'name'"],
    ["make page", "Allowed commands are create, list, revoke"],
  ];
  test.each(wrong)("refuses %j with what is allowed", (words, text) => {
    const line = parseKeysArguments(words.split(" "));

    expect(line.kind).toBe("problem");
    expect(JSON.stringify(line).toLowerCase()).toContain(text.toLowerCase());
  });

  test("refuses an empty event type", () => {
    const line = parseKeysArguments(["create", "page", "--scope", "write", "--type", ""]);

    expect(line.kind).toBe("problem");
  });

  test("shows examples in its help", () => {
    expect(parseKeysArguments(["--help"])).toMatchObject({
      kind: "text",
      text: expect.stringContaining("bun run keys create ada --scope read,operate"),
    });
  });
});
