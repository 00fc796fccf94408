/** Query parameters: what is read, what is refused, and which parameter is blamed. */
import { describe, expect, test } from "bun:test";
import { encodeCursor } from "./queries/cursor.ts";
import {
  DEAD_LETTERS_QUERY,
  EVENTS_QUERY,
  OBJECTS_QUERY,
  readQuery,
  RESEND_QUERY,
} from "./schemas.ts";

const SMILE = "%F0%9F%98%80";

function events(search: string) {
  return readQuery(EVENTS_QUERY, new URLSearchParams(search));
}

describe("readQuery()", () => {
  test("readQuery() gives the default limit and nothing else when no parameter is given", () => {
    expect(events("")).toEqual({ kind: "query", query: { limit: 100 } });
  });

  test("readQuery() gives every value in its type when all are given", () => {
    const after = encodeCursor(["1769843612345678", "event-1"]);

    const read = events(
      `sessionId=s&eventType=t&from=2026-01-31T08:00:00%2B01:00&to=2026-02-01T00:00:00Z&limit=7&after=${after}`,
    );

    expect(read).toEqual({
      kind: "query",
      query: {
        sessionId: "s",
        eventType: "t",
        from: "2026-01-31T07:00:00.000Z",
        to: "2026-02-01T00:00:00.000Z",
        limit: 7,
        after: ["1769843612345678", "event-1"],
      },
    });
  });

  test.each([
    ["limit=0", "/limit"],
    ["limit=1001", "/limit"],
    ["limit=", "/limit"],
    ["limit=1e2", "/limit"],
    ["limit=%205", "/limit"],
    ["limit=5.0", "/limit"],
    ["limit=0x5", "/limit"],
    ["limit=5&limit=5", "/limit"],
    ["sessionId=", "/sessionId"],
    ["sessionId=a%00", "/sessionId"],
    [`sessionId=${SMILE.repeat(129)}`, "/sessionId"],
    [`eventType=${"t".repeat(129)}`, "/eventType"],
    ["from=2026-01-31", "/from"],
    ["to=2026-02-30T00:00:00Z", "/to"],
    ["filters=1", "/filters"],
    [`filters=[["is","event:name",["${"x".repeat(8000)}"]]]`, "/filters"],
    ["time=received", "/time"],
    ["after=W10", "/after"],
    [`after=${encodeCursor(["x", "e"])}`, "/after"],
    [`after=${"W10".repeat(200)}`, "/after"],
    ["x=1", ""],
    ["__proto__=1", ""],
    ["constructor=1", ""],
    ["LIMIT=1", ""],
    ["limit=0&x=1", "/limit"],
    ["x=1&limit=0", ""],
  ])("readQuery() refuses %s and points to %p", (search, pointer) => {
    expect(events(search)).toEqual({
      kind: "refused",
      problem: { code: "invalid_parameter", pointer },
    });
  });

  test("readQuery() counts characters, not UTF-16 units, when a text has a greatest length", () => {
    expect(events(`sessionId=${SMILE.repeat(128)}`).kind).toBe("query");
  });

  test.each([
    ["partition=0", "query"],
    ["partition=2147483647", "query"],
    ["partition=2147483648", "refused"],
    ["partition=-1", "refused"],
    ["state=stored", "query"],
    ["state=Stored", "refused"],
  ] as const)("readQuery() reads %s of an archive object as a %s", (search, kind) => {
    expect(readQuery(OBJECTS_QUERY, new URLSearchParams(search)).kind).toBe(kind);
  });

  test("readQuery() points to a required parameter that is missing, after the others", () => {
    const resend = (search: string) => readQuery(RESEND_QUERY, new URLSearchParams(search));

    expect(resend("")).toMatchObject({ problem: { pointer: "/code" } });
    expect(resend("limit=0")).toMatchObject({ problem: { pointer: "/limit" } });
    expect(resend("code=x")).toMatchObject({ problem: { pointer: "/code" } });
    expect(resend("code=id_conflict")).toMatchObject({ query: { code: "id_conflict" } });
    expect(readQuery(DEAD_LETTERS_QUERY, new URLSearchParams("")).kind).toBe("query");
  });
});
