/** The page with keys on: a reader changes nothing, an operator does, and Send asks for a key. */
import { expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { hashKey, newKey, prefixOfKey } from "@tally/shared/keys";
import { type Page, useRealPage } from "./testing/page_system.ts";

const real = useRealPage({ options: { TALLY_KEYS: "on" } });

/** Makes a key; the page may send with it. */
async function makeKey(name: string, scope: string): Promise<string> {
  const key = newKey();
  await real.system.sql`
    insert into api_keys (name, hash, prefix, scopes, origins)
    values (${name}, decode(${hashKey(key)}, 'hex'), ${prefixOfKey(key)}, array[${scope}],
      array[${real.url}])`;
  return key;
}

async function signIn(search: string, key: string): Promise<Page> {
  const page = await real.open(search, {
    isExpected: (line) => line.startsWith("Failed to load resource"),
  });
  await page.getByLabel("Key", { exact: true }).fill(key);
  await page.keyboard.press("Enter");
  return page;
}

test("Dead letters says who may send again when the session only reads", async () => {
  const { sql } = real.system;
  const [letter] = await sql<{ id: string }[]>`
    insert into dead_letters (log, partition, "offset", code, message, headers, record_timestamp_ms)
    select log, 0, 900001, 'record_corrupt', 'not JSON', '[]', 0 from logs limit 1
    returning id::text`;
  const search = `?view=dead-letters&letter=${letter?.id}`;
  const reader = await signIn(search, await makeKey("reader", "read"));

  await reader.getByText("sign in with a key that has the scope operate").first().waitFor();
  const button = reader.getByRole("button", { name: "Send again as it is" });
  expect(await button.getAttribute("aria-disabled")).toBe("true");
});

test("Send asks for a write key when ingest wants one, and sends with it", async () => {
  const reader = await signIn("?view=send", await makeKey("reader-2", "read"));
  await reader.getByRole("button", { name: "Send 1 event" }).click();
  await reader.getByRole("alert").getByText("key_missing").waitFor();

  const field = reader.getByLabel(/^Write key/);
  await field.fill(await makeKey("sender", "write"));
  // Ingest learns of a new key within 5 s.
  const isAccepted = async (): Promise<boolean> => {
    await reader.getByRole("button", { name: "Send 1 event" }).click();
    return reader
      .getByText(/^Accepted: it is in the log/)
      .waitFor({ timeout: 2000 })
      .then(() => true)
      .catch(() => false);
  };
  expect(await eventually(isAccepted, 20_000)).toBe(true);
});
