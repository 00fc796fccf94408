import { expect, test } from "bun:test";
import { FAILURES_MAX, SignInLimit } from "./sign_in_limit.ts";

test("waitSeconds() is the rest of the minute after the last allowed failure of an address", () => {
  const clock = { ms: 5000 };
  const limit = new SignInLimit(() => clock.ms);

  const last = Array.from({ length: FAILURES_MAX }, () => limit.noteTry("a"));
  expect(last.lastIndexOf(true)).toBe(FAILURES_MAX - 1);
  expect(last.indexOf(true)).toBe(FAILURES_MAX - 1);
  clock.ms += 20_500;

  expect(limit.waitSeconds("a")).toBe(40);
  expect(limit.waitSeconds("b")).toBe(0);
  clock.ms += 39_500;
  expect(limit.waitSeconds("a")).toBe(0);
  expect(limit.noteTry("a")).toBe(false);
});

test("waitSeconds() counts a /64 of IPv6 like one address", () => {
  const limit = new SignInLimit(() => 0);
  const failed = ["2001:db8::1", "2001:0DB8:0:0::2", "2001:db8:0:0:ffff::3"];
  for (let failure = 0; failure < FAILURES_MAX; failure++) {
    limit.noteTry(failed[failure % failed.length] ?? "");
  }
  limit.noteTry("2001:db8::4");
  limit.takeBack("2001:db8::5");

  expect(limit.waitSeconds("2001:db8::6")).toBe(60);
  expect(limit.waitSeconds("2001:db8:0:1::1")).toBe(0);
});

test("noteTry() remembers a bounded number of addresses", () => {
  const limit = new SignInLimit(() => 0);
  for (let failure = 0; failure < FAILURES_MAX; failure++) limit.noteTry("first");
  for (let address = 0; address < 10_000; address++) limit.noteTry(String(address));

  expect(limit.waitSeconds("first")).toBe(0);
});

test("takeBack() makes a try no failure", () => {
  const limit = new SignInLimit(() => 0);
  for (let failure = 0; failure < 3 * FAILURES_MAX; failure++) {
    limit.noteTry("a");
    limit.takeBack("a");
  }

  expect(limit.waitSeconds("a")).toBe(0);
  limit.takeBack("unknown");
});
