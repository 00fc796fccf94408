/** The view Events in a real browser, over real rows and archive objects. */
import { expect, test } from "bun:test";
import { useRealPage } from "./testing/page_system.ts";

const real = useRealPage();
const HOSTILE = "<img src=x onerror=alert(1)>\u202egnp.exe";

function event(changes: object = {}): object {
  return { sessionId: "s-1", eventType: "page_view", payload: { path: "/" }, ...changes };
}

test("Events shows the rows that SQL has, newest first, and opens one up to its archive line", async () => {
  const ids = await real.store([
    event({ payload: { path: "/a", n: 1 } }),
    event({ payload: { path: "/b", n: 2 }, sessionId: "s-2" }),
    event({ eventType: "purchase", payload: { cart: { currency: "EUR" } } }),
  ]);
  const page = await real.open("?view=events");
  await page.getByRole("button", { name: ids[0] ?? "" }).waitFor();

  const shown = await page.locator(".events-table .row-open").allInnerTexts();
  const rows = await real.system.sql<{ id: string }[]>`
    select event_id as id from web_events order by received_at desc, event_id desc limit 50`;
  expect(shown).toEqual(rows.map(({ id }) => id));

  await page.getByRole("button", { name: ids[0] ?? "" }).click();
  await page
    .getByText(/^One row, and recorded as line \d+ of \d+ of its archive object, which S3/)
    .waitFor();
  const detail = await page.locator(".event-detail").innerText();
  const [object] = await real.system.sql<{ key: string; sha256: string }[]>`
    select key, sha256 from archive_objects object join web_events event using (log, partition)
    where event_id = ${ids[0] ?? ""} and event."offset" between first_offset and last_offset`;
  expect(detail).toContain(object?.key ?? "no object");
  expect(detail).toContain(object?.sha256 ?? "no object");
  expect(new URL(page.url()).searchParams.get("id")).toBe(ids[0] ?? "");
  expect(real.complaints).toEqual([]);
});

test("Events filters by type, session and property, all by keyboard, and the address says so", async () => {
  const ids = await real.store([
    event({ sessionId: "filter-1", payload: { color: "red" } }),
    event({ sessionId: "filter-1", payload: { color: "blue" } }),
    event({ sessionId: "filter-2", payload: { color: "red" } }),
  ]);
  const page = await real.open("?view=events&session=filter-1");
  await page.getByRole("button", { name: ids[0] ?? "" }).waitFor();
  expect(await page.locator(".events-table .row-open").count()).toBe(2);

  await page.getByText("Add a filter").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Property");
  await page.keyboard.press("Tab");
  await page.keyboard.type("color");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("red");
  await page.keyboard.press("Enter");
  await page.getByText("color is red").waitFor();
  await page.locator(".events-table .row-open").nth(1).waitFor({ state: "detached" });

  expect(await page.locator(".events-table .row-open").allInnerTexts()).toEqual([ids[0] ?? ""]);
  expect(new URL(page.url()).searchParams.getAll("f")).toEqual(["is,event:props:color,red"]);
  expect(real.complaints).toEqual([]);
});

test("Events shows new rows while it is live, and counts them while it is paused", async () => {
  await real.store([event({ eventType: "before" })]);
  const page = await real.open("?view=events");
  await page.getByText("before", { exact: true }).first().waitFor();

  const [live = ""] = await real.store([event({ eventType: "while-live" })]);
  await page.getByRole("button", { name: live }).waitFor();
  // At once: the row is on the page, even where no frame has counted it yet.
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused: 0 rows came meanwhile.").waitFor();
  const [later = ""] = await real.store([event({ eventType: "while-paused" })]);
  await page.getByText("Paused: 1 row came meanwhile.").waitFor();
  expect(await page.getByRole("button", { name: later }).count()).toBe(0);
  await page.getByRole("button", { name: "Go on" }).click();

  await page.getByRole("button", { name: later }).waitFor();
});

test("a paused view of Events counts only what its filters let pass", async () => {
  await real.store([event({ eventType: "wanted" })]);
  const page = await real.open("?view=events&paused=yes&f=is,event:name,wanted");
  await page.getByText("Paused: 0 rows came meanwhile.").waitFor();

  await real.store([event({ eventType: "other" }), event({ eventType: "wanted" })]);

  await page.getByText("Paused: 1 row came meanwhile.").waitFor();
});

test("a row of Events is one line beside an open event, and both of its times have a name", async () => {
  const [id = ""] = await real.store([
    event({ eventType: "subscription_cancelled", ts: new Date(Date.now() - 90_000).toISOString() }),
  ]);
  const page = await real.open(`?view=events&id=${id}`);
  await page.locator(".event-detail .payload").waitFor();

  const heads = await page.locator(".events-table thead th").allInnerTexts();
  expect(heads.slice(0, 4)).toEqual(["Received", "Event time", "Type", "Session"]);
  const heights = await page
    .locator(".events-table tbody tr")
    .first()
    .locator("td, th")
    .evaluateAll((cells) =>
      cells.map((cell) => {
        const line = Number.parseFloat(getComputedStyle(cell).lineHeight);
        const text = document.createRange();
        text.selectNodeContents(cell);
        return text.getBoundingClientRect().height / line;
      }),
    );
  expect(heights.filter((lines) => lines > 1.5)).toEqual([]);
  await page.locator(".event-detail").getByText("Event time (ts)").waitFor();
});

test("Events shows what senders wrote as text, and finds an id that is typed", async () => {
  const [id = ""] = await real.store([
    event({ sessionId: HOSTILE, eventType: HOSTILE, payload: { [HOSTILE]: HOSTILE } }),
  ]);
  const page = await real.open("");
  await page.keyboard.press("/");
  await page.locator("#event-id:focus").waitFor();
  await page.keyboard.type(id);
  await page.keyboard.press("Enter");

  await page.locator(".event-detail .payload").waitFor();
  expect(await page.locator(".event-detail .payload").innerText()).toContain(
    "<img src=x onerror=alert(1)>\\u202egnp.exe",
  );
  expect(await page.locator("img").count()).toBe(0);
  expect(real.complaints).toEqual([]);
});

test("Events shows the rows between two times, whose link another viewer can open", async () => {
  const [old = "", edge = ""] = await real.store([
    event({ ts: "2026-11-20T10:00:00Z", eventType: "old" }),
    event({ ts: "2026-11-20T11:00:00Z", eventType: "edge" }),
  ]);
  const page = await real.open("?view=events");
  await page.getByLabel("Range of time").selectOption("Between two times");
  await page.getByLabel("From", { exact: true }).fill("yesterday");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText(/^Two times with a zone/).waitFor();
  await page.getByLabel("From", { exact: true }).fill("2026-11-20T10:00:00Z");
  await page.getByLabel("to", { exact: true }).fill("2026-11-20T12:00:00+01:00");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: old }).waitFor();
  await page.getByText(/^A fixed range/).waitFor();

  expect(await page.getByRole("button", { name: edge }).count()).toBe(0);
  const link = new URL(page.url()).search;
  const other = await real.open(link);
  await other.getByRole("button", { name: old }).waitFor();
  expect(real.complaints).toEqual([]);
});

test("Events says that an id is not known", async () => {
  const page = await real.open("?view=events&id=never-sent", {
    isExpected: (line) => line.startsWith("Failed to load resource"),
  });

  await page.getByText(/^No row and no dead letter has this id yet/).waitFor();
});
