import { describe, expect, test } from "bun:test";
import {
  errorCode,
  ERRORS,
  httpStatus,
  isRetryable,
  PipelineError,
  type ErrorCode,
} from "./error.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[];

test("ERRORS gives every 503 and 429 and nothing else that a caller sees as retryable", () => {
  const seen = CODES.filter((code) => ERRORS[code].httpStatus !== null);

  expect(seen.filter((code) => ERRORS[code].retryable)).toEqual(
    seen.filter((code) => [429, 503].includes(httpStatus(code))),
  );
});

test("ERRORS logs nothing that is the caller's fault", () => {
  for (const code of CODES) {
    const { level } = ERRORS[code];
    const status = ERRORS[code].httpStatus ?? 500;
    expect([code, level === null]).toEqual([code, status < 500]);
  }
});

describe("errorCode()", () => {
  test("is the code of a PipelineError, internal for anything else", () => {
    expect(errorCode(new PipelineError("overloaded", "Cannot publish: queue is full"))).toBe(
      "overloaded",
    );
    expect(errorCode(new TypeError("x"))).toBe("internal");
    expect(errorCode(undefined)).toBe("internal");
    expect(errorCode({ code: "overloaded" })).toBe("internal");
  });
});

test("PipelineError keeps its cause", () => {
  const cause = new Error("socket closed");

  expect(new PipelineError("broker_unavailable", "Cannot publish", { cause }).cause).toBe(cause);
});

test("isRetryable() follows the table", () => {
  expect(isRetryable(new PipelineError("broker_unavailable", "Cannot publish"))).toBe(true);
  expect(isRetryable(new PipelineError("broker_rejected", "Cannot publish"))).toBe(false);
  expect(isRetryable(new Error("x"))).toBe(false);
});

test("httpStatus() is 500 for what never should have reached a caller", () => {
  expect(httpStatus("position_moved")).toBe(500);
  expect(httpStatus("overloaded")).toBe(503);
});
