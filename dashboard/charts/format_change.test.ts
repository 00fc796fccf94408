/** How a change is written. */
import { expect, test } from "bun:test";
import { formatChange } from "./format_change.ts";

test("formatChange() is a percentage up to 1,000 %, and a factor above", () => {
  expect([12.4, -80, 0, 1000].map(formatChange)).toEqual(["12 %", "80 %", "0 %", "1,000 %"]);
  // 52 times as much as before is a growth by 5,100 %.
  expect([1001, 5100, 1_234_500].map(formatChange)).toEqual(["× 11", "× 52", "× 12.3K"]);
});
