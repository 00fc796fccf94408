import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import postgres from "postgres";
import { isStored, isUndecided, outcomeOfError, type WriteOutcome } from "./write_outcome.ts";

/** An error of the server, as postgres.js throws it. */
function serverError(code: string, detail = ""): Error {
  return Object.assign(new postgres.PostgresError("refused"), { code, detail });
}

describe("outcomeOfError()", () => {
  test("outcomeOfError() returns the offsets that are in conflict", () => {
    const outcome = outcomeOfError(serverError("TLY01", "{12,9007199254740993}"));

    expect(outcome).toEqual({ kind: "conflict", offsets: [12n, 9007199254740993n] });
  });

  test.each(["TLY02", "40001", "40P01"])("outcomeOfError() is unsettled after %s", (state) => {
    expect(outcomeOfError(serverError(state))).toEqual({ kind: "unsettled" });
  });

  test.each(["22P02", "23514", "54000"])("outcomeOfError() is a refused row after %s", (state) => {
    const outcome = outcomeOfError(serverError(state));

    expect(outcome).toMatchObject({ kind: "refused", failure: { code: "database_rejected" } });
  });

  test.each(["57014", "55P03", "53300", "XX000"])(
    "outcomeOfError() throws database_unavailable after %s, which is not about the batch",
    (state) => {
      const fail = () => outcomeOfError(serverError(state));

      expect(fail).toThrow(expect.objectContaining({ code: "database_unavailable" }));
    },
  );

  test.each(["", "{}", "12", "{a}"])(
    "outcomeOfError() blames no offset when a conflict has the detail %p",
    (detail) => {
      const fail = () => outcomeOfError(serverError("TLY01", detail));

      expect(fail).toThrow(expect.objectContaining({ code: "database_unavailable" }));
    },
  );

  test("outcomeOfError() throws the error of a statement without an answer as it is", () => {
    const silence = new PipelineError("database_unavailable", "no answer");

    expect(() => outcomeOfError(silence)).toThrow(silence);
  });
});

test.each([
  ["written", true, false],
  ["already", true, false],
  ["not_tried", false, true],
  ["known_id", false, true],
  ["shared_fault", false, true],
  ["moved", false, true],
  ["conflict", false, false],
  ["unsettled", false, false],
  ["refused", false, false],
] as const)("the outcome %s is stored: %p, undecided: %p", (kind, stored, undecided) => {
  const outcome = { kind } as WriteOutcome;

  expect(isStored(outcome)).toBe(stored);
  expect(isUndecided(outcome)).toBe(undecided);
});
