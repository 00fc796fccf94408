import { describe, expect, test } from "bun:test";
import { ERRORS, type ErrorCode, type ErrorRow } from "../error.ts";
import { describeProblem, describeProblems, problemResponse } from "./problem.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** The type in the table, or our own. */
function typeOf(code: ErrorCode): string {
  const row: ErrorRow = ERRORS[code];
  return row.problemType ?? `urn:tally:error:${code}`;
}

describe("problemResponse()", () => {
  test.each(CODES)("problemResponse() has status, title and code of %s", async (code) => {
    const response = problemResponse({ code }, "request-1");

    const status = ERRORS[code].httpStatus ?? 500;
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("x-request-id")).toBe("request-1");
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    expect(await response.json()).toEqual({
      type: typeOf(code),
      title: ERRORS[code].title,
      status,
      code,
      requestId: "request-1",
    });
  });

  test("problemResponse() carries the place, the verdicts and the headers when there are some", async () => {
    const rejected = [{ index: 0, code: "field_missing", pointer: "/payload" }];
    const problem = { code: "batch_rejected", pointer: "/0", rejected } as const;

    const response = problemResponse(problem, "request-1", { allow: "GET" });

    expect(response.headers.get("allow")).toBe("GET");
    expect(await response.json()).toMatchObject({ pointer: "/0", rejected });
  });
});

describe("describeProblems()", () => {
  test("describeProblems() names every code under its status when several share one", () => {
    const responses = describeProblems(["overloaded", "database_unavailable", "not_found"]);

    expect(Object.keys(responses)).toEqual(["404", "503"]);
    expect(responses["503"]).toMatchObject({
      description: expect.stringMatching(/`overloaded`[^]*`database_unavailable`/),
      headers: { "Retry-After": {} },
    });
  });
});

test("describeProblem() has what every problem document has", async () => {
  const { required, properties } = describeProblem(CODES);

  const document = (await problemResponse({ code: "internal" }, "request-1").json()) as object;

  expect(Object.keys(document).toSorted()).toEqual(required.toSorted());
  expect(Object.keys(properties)).toEqual(expect.arrayContaining([...required, "pointer"]));
});
