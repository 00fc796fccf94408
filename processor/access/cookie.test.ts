import { expect, test } from "bun:test";
import { isPagePath, sessionsOf, setCookie } from "./cookie.ts";

const TEXT = "a".repeat(43);
const OTHER = "B-_".padEnd(43, "0");

test.each([
  ["", []],
  [`tally_session=${TEXT}`, [TEXT]],
  [`a=b; tally_session=${TEXT}; c=d`, [TEXT]],
  [`tally_session=${OTHER};tally_session=${TEXT}`, [OTHER, TEXT]],
  [`tally_session=${TEXT}a`, []],
  [`tally_session=${TEXT.slice(1)}`, []],
  [`not_tally_session=${TEXT}`, []],
  [`tally_session="${TEXT}"`, []],
  [Array(9).fill(`tally_session=${TEXT}`).join("; "), Array(4).fill(TEXT)],
  [`${"x".repeat(20_000)}; tally_session=${TEXT}`, []],
])("sessionsOf() finds the sessions of a cookie (%#)", (cookie, sessions) => {
  expect(sessionsOf(new Headers({ cookie }))).toEqual(sessions);
});

test.each([
  ["/", true],
  ["/tally/", true],
  ["/a/b-c/~d.e/", true],
  ["", false],
  ["/tally", false],
  ["tally/", false],
  ["//evil.example/", false],
  ["/a; Domain=evil.example/", false],
  ["/a\r\nX: y/", false],
  [`/${"a".repeat(101)}/`, false],
  ["/a".repeat(11) + "/", false],
])("isPagePath() of %j is %p", (path, isPath) => {
  expect(isPagePath(path)).toBe(isPath);
});

test("setCookie() hides the session from scripts and from other sites", () => {
  const place = { path: "/tally/", isSecure: true };

  expect(setCookie(TEXT, 3600, place)).toBe(
    `tally_session=${TEXT}; Path=/tally/; Max-Age=3600; HttpOnly; SameSite=Strict; Secure`,
  );
  expect(setCookie("", 0, { path: "/", isSecure: false })).toBe(
    "tally_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict",
  );
});
