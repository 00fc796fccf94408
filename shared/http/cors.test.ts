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
