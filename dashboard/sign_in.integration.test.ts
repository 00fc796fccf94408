/** The sign-in of the built page in a real browser: asked for, typed once, signed out, revoked. */
import { beforeEach, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { findAccessibilityViolations } from "./testing/accessibility.ts";
import { fakeFrame } from "./testing/fake_frame.ts";
import { shows, usePageTests } from "./testing/page_tests.ts";

const KEY = `tally_${"a".repeat(43)}`;

const pages = usePageTests();
beforeEach(() => pages.start({ path: "/tally/" }));

function openPage(): Promise<Page> {
  const { system, browser } = pages;
  system.keys.demand(KEY);
  system.stream.send(fakeFrame());
  // The browser itself reports every 401; those are what these tests are about.
  return pages.open(browser.newPage(), {
    isExpected: (line) => line.startsWith("Failed to load resource"),
  });
}

async function signIn(page: Page, key = KEY): Promise<void> {
  await page.getByLabel("Key", { exact: true }).fill(` ${key} `);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const isAskedForKey = (page: Page) => page.getByLabel("Key", { exact: true }).waitFor();

test("the page asks for a key, shows nothing without one, and everything after the sign-in", async () => {
  const page = await openPage();
  await isAskedForKey(page);
  expect(await page.locator(".card-value").count()).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("key");
  expect(await findAccessibilityViolations(page)).toEqual([]);

  await signIn(page, "tally_wrong");
  await shows(page, "There is no such key, or it was revoked.");
  expect(await findAccessibilityViolations(page)).toEqual([]);
  await signIn(page);

  await shows(page, "46 ms");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]),
  );
  expect(stored).not.toContain(KEY);
  expect(pages.complaints).toEqual([]);
});

test("the page stays signed in when it is loaded again, and asks again after the sign-out", async () => {
  const page = await openPage();
  await isAskedForKey(page);
  await signIn(page);
  await shows(page, "46 ms");

  await page.reload();
  await shows(page, "46 ms");
  await page.getByRole("button", { name: "Sign out ops" }).click();

  await isAskedForKey(page);
  await page.reload();
  await isAskedForKey(page);
  expect(await page.locator(".card-value").count()).toBe(0);
});

test("the page asks for a key again when its key is revoked while it is open", async () => {
  const page = await openPage();
  await isAskedForKey(page);
  await signIn(page);
  await shows(page, "46 ms");

  pages.system.keys.revoke();
  pages.system.stream.drop({ isRefusing: false });

  await isAskedForKey(page);
  expect(await page.locator(".card-value").count()).toBe(0);
});

test("the page has no sign-out with keys off", async () => {
  pages.system.stream.send(fakeFrame());
  const page = await pages.open(pages.browser.newPage());

  await shows(page, "46 ms");

  expect(await page.getByRole("button", { name: /Sign out/ }).count()).toBe(0);
});

test("Send has a field for the write key at once when keys are on, also for a burst", async () => {
  const page = await openPage();
  await isAskedForKey(page);
  await signIn(page);
  await shows(page, "46 ms");
  await page.getByRole("link", { name: "Send" }).click();
  await page.getByLabel(/^Write key/).waitFor();
  pages.system.ingest.answerWith(401, { title: "No key was given", code: "key_missing" });

  await page.getByLabel(/^Events, 1 to/).fill("5");
  await page.getByRole("button", { name: "Send 5 events" }).click();

  await page.getByText("Ingest answers 401: No key was given.").waitFor();
  expect(await page.getByLabel(/^Write key/).getAttribute("aria-invalid")).toBe("true");
  expect(pages.complaints).toEqual([]);
});
