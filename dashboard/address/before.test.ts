/** How the compared range is said. */
import { expect, test } from "bun:test";
import { beforeInWords } from "./before.ts";
import { readRange } from "./range.ts";

test("beforeInWords() names the range that a range is compared with", () => {
  const words = (range: Parameters<typeof beforeInWords>[0]["range"]) =>
    beforeInWords({ range, comparison: "previous_period" });

  expect(words("24h")).toBe("the 24 hours before");
  expect(words("day")).toBe("yesterday, up to this time");
  expect(words("hour")).toBe("as many minutes before the hour");
  expect(words(readRange("2026-01-31T07:00:00Z..2026-01-31T08:00:00Z") ?? "day")).toBe(
    "as long a time before",
  );
  expect(beforeInWords({ range: "day", comparison: "year_over_year" })).toBe("a year before");
  expect(beforeInWords({ range: "day", comparison: null })).toBeNull();
});
