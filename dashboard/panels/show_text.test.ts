/** What senders may write, and what a viewer sees of it. */
import { expect, test } from "bun:test";
import { showJson, showLines, showScalar, showText, showValue } from "./show_text.ts";

test("showText() writes signs that nobody sees as escapes, and leaves all others", () => {
  expect(showText("a\u202eb\u0000\n\u200bc")).toBe("a\\u202eb\\u0000\\u000a\\u200bc");
  expect(showText("\u{e0041}👩‍🚀")).toBe("\\u{e0041}👩‍🚀");
  expect(showText("<b>ä 日本 😀</b>")).toBe("<b>ä 日本 😀</b>");
});

test("showScalar() has words for what is missing or empty, and escapes what nobody sees", () => {
  expect(showScalar(null)).toBe("(none)");
  expect(showScalar("")).toBe("(empty)");
  expect(showScalar("\u202e")).toBe("\\u202e");
  expect(showScalar("1")).toBe('"1"');
  expect(showScalar(1)).toBe("1");
});

test("showLines() keeps lines and tabs", () => {
  expect(showLines("a\n\tb\r\u2066")).toBe("a\n\tb\\u000d\\u2066");
});

test("showValue() shows texts without quotes, other values as JSON, and shortens both", () => {
  expect(showValue("1")).toBe("1");
  expect(showValue({ a: [1, null] })).toBe('{"a":[1,null]}');
  expect(showValue(null)).toBe("null");
  expect(showValue(undefined)).toBe("");
  expect(showValue("x".repeat(500))).toHaveLength(121);
});

test("showJson() escapes what JSON leaves as it is", () => {
  expect(showJson({ a: "\u202e" })).toBe('{\n  "a": "\\u202e"\n}');
});
