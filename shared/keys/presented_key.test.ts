import { expect, test } from "bun:test";
import { presentedKey } from "./presented_key.ts";

const KEY = `tally_${"aZ0_-".repeat(8)}abc`;
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

const cases: [title: string, headers: Record<string, string>, key: string | null][] = [
  ["nothing", {}, null],
  ["Bearer", { authorization: `Bearer ${KEY}` }, KEY],
  ["bearer in other letters", { authorization: `bEARER   ${KEY} ` }, KEY],
  ["X-Api-Key", { "x-api-key": KEY }, KEY],
  ["a Basic user name", { authorization: basic(`${KEY}:`) }, KEY],
  ["a Basic user name with a password", { authorization: basic(`${KEY}:secret:more`) }, KEY],
  ["a Basic user name alone", { authorization: basic(KEY) }, KEY],
  ["Bearer and X-Api-Key", { authorization: `Bearer ${KEY}`, "x-api-key": "other" }, KEY],
  // A proxy in front may have a Basic sign-in of its own.
  ["Basic and X-Api-Key", { authorization: basic("me:secret"), "x-api-key": KEY }, KEY],
  ["a Bearer that is no key and X-Api-Key", { authorization: "Bearer me", "x-api-key": KEY }, KEY],
  ["Basic and an X-Api-Key that is no key", { authorization: basic(KEY), "x-api-key": "me" }, KEY],
  ["what is no key", { authorization: "Bearer me" }, "me"],
  ["Bearer without a text", { authorization: "Bearer " }, null],
  ["two texts", { authorization: `Bearer ${KEY} ${KEY}` }, null],
  ["an empty X-Api-Key", { "x-api-key": "" }, null],
  ["another scheme", { authorization: `Digest ${KEY}` }, null],
  ["a text too long to be read", { authorization: `Bearer ${"x".repeat(1000)}` }, null],
  ["Basic that is no base64", { authorization: "Basic ###" }, null],
];

test.each(cases)("presentedKey() reads %s", (_, headers, key) => {
  expect(presentedKey(new Headers(headers))).toBe(key);
});
