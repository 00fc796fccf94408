/** The advice says what can really make a row of a letter. */
import { expect, test } from "bun:test";
import { REJECTED_HEADERS } from "@tally/shared/record_headers";
import { adviceOf, adviceOfLetter } from "./advice.ts";

const header = (key: string) => ({ key, value: null });
const REJECTED = [header(REJECTED_HEADERS.code)];

test("adviceOf() knows what to do about any code, also of a newer processor", () => {
  expect(adviceOf("id_conflict").action).toContain("reuses ids");
  expect(adviceOf("some_new_code").action).not.toBe("");
  expect(adviceOf("constructor")).toEqual(adviceOf("some_new_code"));
});

test.each([
  ["event_too_deep", REJECTED, "resend"],
  // Another producer's, or a copy: judged by limits that no option changes.
  ["event_too_deep", [], "edit"],
  ["event_too_large", REJECTED, "resend"],
  ["event_too_large", [...REJECTED, header(REJECTED_HEADERS.bytes)], "edit"],
  ["timestamp_out_of_range", REJECTED, "resend"],
  ["event_type_not_allowed", REJECTED, "resend"],
  ["database_rejected", [], "resend"],
  ["field_missing", REJECTED, "edit"],
  ["record_corrupt", [], "edit"],
  ["id_conflict", [], "edit"],
])("adviceOfLetter() knows the best way for %s with the headers %j", (code, headers, best) => {
  const advice = adviceOfLetter({ code, headers });

  expect(advice.best).toBe(best === "edit" ? "edit" : "resend");
  if (best === "resend") expect(advice.action).not.toContain("would fail again");
});
