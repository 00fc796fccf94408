/** The view Send in a real browser: one event to its archive line, and a burst. */
import { expect, test } from "bun:test";
import { findAccessibilityViolations } from "@tally/dashboard/testing/accessibility";
import { useRealPage } from "./testing/page_system.ts";

const real = useRealPage();
// The browser reports every 404, and there is one until the event is a row.
const isExpected = (line: string) => line.startsWith("Failed to load resource");

test("Send follows one event to its archive line", async () => {
  const page = await real.open("?view=send", { isExpected });

  await page.getByRole("button", { name: "Purchase" }).click();
  await page.getByRole("button", { name: "Send 1 event" }).click();
  await page.getByText(/^Accepted: it is in the log, after/).waitFor();
  await page.getByText(/^One row, and recorded as line \d+ of \d+/).waitFor();

  const rows = await real.system.sql<{ event_type: string; payload: object }[]>`
    select event_type, payload from web_events where session_id = 'dashboard-1'`;
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { event_type: "purchase", payload: { cart: { items: 2, currency: "EUR" }, total: 49.9 } },
  ]);
  expect(await findAccessibilityViolations(page)).toEqual([]);
  expect(real.complaints).toEqual([]);
});

test("Send judges as ingest does, and shows what ingest says", async () => {
  const page = await real.open("?view=send", { isExpected });

  await page.getByLabel("Payload, JSON").fill("{oops");
  await page.getByText(/^Ingest would reject this event/).waitFor();
  await page.getByRole("button", { name: "Send 1 event" }).click();

  const alert = page.getByRole("alert");
  await alert.waitFor();
  expect(await alert.innerText()).toContain("payload_not_json");
});

test("Send sends a burst over sessions and follows its last event", async () => {
  const page = await real.open("?view=send", { isExpected });
  await page.getByLabel("Session", { exact: true }).fill("burst");
  await page.getByLabel(/^Events, 1 to/).fill("250");
  await page.getByLabel(/^Sessions, 1 to/).fill("5");

  await page.getByRole("button", { name: "Send 250 events" }).click();
  await page.getByText(/^Done: 250 of 250 accepted, 0 rejected,/).waitFor();
  await page.getByText(/^One row, and recorded/).waitFor();

  const [row] = await real.system.sql<{ events: number; sessions: number }[]>`
    select count(*)::integer as events, count(distinct session_id)::integer as sessions
    from web_events where session_id like 'burst-%'`;
  expect({ ...row }).toEqual({ events: 250, sessions: 5 });
  expect(real.complaints).toEqual([]);
});
