import { describe, expect, test } from "bun:test";
import { eventIdOf, sessionIdOf } from "./identity.ts";

describe("eventIdOf()", () => {
  test("is a fixed UUIDv5 of source and id", () => {
    // Python: uuid5(UUID("6ff645e0-cdc7-4e8d-bc57-9e9b1dd794a7"), "/mycontext\n1234-1234-1234")
    expect(eventIdOf({ source: "/mycontext", id: "1234-1234-1234" })).toBe(
      "615e6e19-edc1-5531-9cd6-05dea7dcb5c1",
    );
  });

  test("differs where only the border between source and id differs", () => {
    const ids = [
      eventIdOf({ source: "/a", id: "b1" }),
      eventIdOf({ source: "/ab", id: "1" }),
      eventIdOf({ source: "/a ", id: "b1" }),
      eventIdOf({ source: "b1", id: "/a" }),
    ];

    expect(new Set(ids).size).toBe(4);
  });
});

describe("sessionIdOf()", () => {
  test("is the text itself up to 128 characters", () => {
    expect(sessionIdOf("order-7")).toBe("order-7");
    expect(sessionIdOf("é".repeat(128))).toBe("é".repeat(128));
    expect(sessionIdOf("😀".repeat(128))).toBe("😀".repeat(128));
  });

  test("is the beginning and a fixed UUIDv5 of a longer text, 128 characters in all", () => {
    const long = `/subscriptions/${"s".repeat(200)}`;

    expect(sessionIdOf(long)).toBe(`${long.slice(0, 91)}~01b809e9-4392-5c20-86dc-dfce15159720`);
    expect(sessionIdOf(`${long}2`)).not.toBe(sessionIdOf(long));
    expect([...sessionIdOf("😀".repeat(129))]).toHaveLength(128);
    expect(sessionIdOf("😀".repeat(129)).isWellFormed()).toBe(true);
  });
});
