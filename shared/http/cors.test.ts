import { describe, expect, test } from "bun:test";
import { createCors } from "./cors.ts";

const LISTED = "http://localhost:5173";
const cors = createCors([LISTED], "content-type, prefer");

function from(origin?: string): Request {
  return new Request("http://service/", { headers: origin === undefined ? {} : { origin } });
}

describe("mark()", () => {
  test("mark() lets a listed origin read the answer and its headers", () => {
    const { headers } = cors.mark(from(LISTED), new Response());

    expect(headers.get("access-control-allow-origin")).toBe(LISTED);
    expect(headers.get("access-control-expose-headers")).toBe("x-request-id, retry-after");
    expect(headers.get("vary")).toBe("origin");
  });

  test.each(["http://evil.example", "null", `${LISTED}.evil.example`, LISTED.toUpperCase()])(
    "mark() allows nothing to the origin %s, and marks the answer for caches",
    (origin) => {
      const { headers } = cors.mark(from(origin), new Response());

      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("vary")).toBe("origin");
    },
  );

  test("mark() adds no CORS header without an origin", () => {
    const { headers } = cors.mark(from(), new Response());

    expect(Object.fromEntries(headers)).toEqual({ "x-content-type-options": "nosniff" });
  });
});

describe("mayChange()", () => {
  const from = (host: string, origin?: string): boolean => {
    const headers = { host, ...(origin === undefined ? {} : { origin }) };
    return cors.mayChange(new Request(`http://${host}/`, { method: "POST", headers }));
  };

  test.each([
    ["localhost:8082", undefined],
    ["localhost:8082", "http://localhost:8082"],
    ["LOCALHOST:8082", "http://localhost:8082"],
    ["tally.example", "https://tally.example"],
    ["localhost:8082", LISTED],
  ])("mayChange() is true for a request to %s from %p", (host, origin) => {
    expect(from(host, origin)).toBe(true);
  });

  test.each([
    ["localhost:8082", "null"],
    ["localhost:8082", ""],
    ["localhost:8082", "http://localhost:9999"],
    ["localhost:8082", "http://evil.example"],
    ["localhost:8082", "http://localhost:8082.evil.example"],
    ["localhost:8082", "ftp://localhost:8082"],
    ["localhost:8082", "http://localhost:8082, http://evil.example"],
  ])("mayChange() is false for a request to %s from %p", (host, origin) => {
    expect(from(host, origin)).toBe(false);
  });
});

describe("preflight()", () => {
  test("preflight() names methods and headers to a listed origin", () => {
    const answer = cors.preflight(from(LISTED), "POST, OPTIONS");

    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toEqual({
      allow: "POST, OPTIONS",
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": "content-type, prefer",
      "access-control-max-age": "600",
    });
  });

  test("preflight() names only the methods of the path when the origin is not listed", () => {
    const answer = cors.preflight(from("http://evil.example"), "POST, OPTIONS");

    expect(Object.fromEntries(answer.headers)).toEqual({ allow: "POST, OPTIONS" });
  });
});
