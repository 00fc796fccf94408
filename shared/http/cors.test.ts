import { describe, expect, test } from "bun:test";
import { createCors } from "./cors.ts";

const LISTED = "http://localhost:5173";
const cors = createCors([LISTED], { requestHeaders: ["content-type", "prefer"] });

function from(origin?: string, asked?: string): Request {
  return new Request("http://service/", {
    headers: {
      ...(origin === undefined ? {} : { origin }),
      ...(asked === undefined ? {} : { "access-control-request-headers": asked }),
    },
  });
}

describe("mark()", () => {
  test("mark() lets a listed origin read the answer and its headers", () => {
    const { headers } = cors.mark(from(LISTED), new Response());

    expect(headers.get("access-control-allow-origin")).toBe(LISTED);
    expect(headers.get("access-control-expose-headers")).toBe(
      "x-request-id, retry-after, ratelimit, ratelimit-policy",
    );
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
    ["localhost:443", "https://localhost"],
    ["localhost:80", "http://localhost"],
    ["[::1]:443", "https://[::1]"],
    ["tally.example", "http://tally.example"],
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
    ["localhost:443", "http://localhost"],
    ["localhost:80", "https://localhost"],
    ["localhost:443", "https://localhost:443"],
  ])("mayChange() is false for a request to %s from %p", (host, origin) => {
    expect(from(host, origin)).toBe(false);
  });

  test.each(["", "a b", "[::1", "tally.example:x", "a@tally.example", "tally.example/a", "/", "?"])(
    "mayChange() is false when the host %p is none",
    (host) => {
      const headers = { host, origin: "https://tally.example" };
      const request = new Request("http://localhost/", { method: "POST", headers });

      expect(cors.mayChange(request)).toBe(false);
    },
  );
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

  const allowedHeaders = (asked: string): string | null =>
    cors.preflight(from(LISTED, asked), "GET").headers.get("access-control-allow-headers");

  test.each([
    ["content-type,traceparent, tracestate", "content-type, prefer, traceparent, tracestate"],
    ["Baggage,SENTRY-TRACE", "content-type, prefer, baggage, sentry-trace"],
    [
      "x-datadog-trace-id,b3,x-b3-traceid",
      "content-type, prefer, x-datadog-trace-id, b3, x-b3-traceid",
    ],
    ["", "content-type, prefer"],
    [" , ", "content-type, prefer"],
    ["a b,x:y,ok", "content-type, prefer, ok"],
    [`${"x".repeat(65)},ok`, "content-type, prefer, ok"],
  ])("preflight() allows what is asked for as %j", (asked, allowed) => {
    expect(allowedHeaders(asked)).toBe(allowed);
  });

  test("preflight() allows 50 of the headers asked for, and no more", () => {
    const asked = Array.from({ length: 1000 }, (_, index) => `x-${index}`);

    expect(allowedHeaders(asked.join())?.split(", ")).toEqual([
      "content-type",
      "prefer",
      ...asked.slice(0, 50),
    ]);
  });

  test("preflight() names only the methods of the path when the origin is not listed", () => {
    const answer = cors.preflight(from("http://evil.example", "traceparent"), "POST, OPTIONS");

    expect(Object.fromEntries(answer.headers)).toEqual({ allow: "POST, OPTIONS" });
  });
});

describe("createCors() with credentials", () => {
  const sending = createCors([LISTED], { allowsCredentials: true });
  const credentials = (response: Response): string | null =>
    response.headers.get("access-control-allow-credentials");

  test("mark() allows credentials to a listed origin and to no other", () => {
    expect(credentials(sending.mark(from(LISTED), new Response()))).toBe("true");
    expect(credentials(sending.mark(from("http://evil.example"), new Response()))).toBeNull();
    expect(credentials(sending.mark(from(), new Response()))).toBeNull();
  });

  test("mark() allows no credentials by default", () => {
    expect(credentials(cors.mark(from(LISTED), new Response()))).toBeNull();
  });
});
