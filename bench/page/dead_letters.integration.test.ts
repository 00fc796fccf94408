/** The view Dead letters in a real browser: records of another producer, sent again and edited. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { connectProducer, type Producer } from "@tally/shared/kafka";
import { findAccessibilityViolations } from "@tally/dashboard/testing/accessibility";
import { useRealPage } from "./testing/page_system.ts";

const real = useRealPage();
let producer: Producer;
beforeAll(async () => {
  producer = await connectProducer(real.system.stack.kafka, {
    lingerMs: 1,
    messageTimeoutMs: 30_000,
    queueRecordsMax: 100,
    queueBytesMax: 10_000_000,
    compression: "none",
    connectTimeoutMs: 10_000,
  });
}, 60_000);
afterAll(() => producer?.disconnect(5000));

/** Publishes records as another producer would, and waits until they are dead letters. */
async function setAside(code: string, values: readonly (string | Buffer)[]): Promise<void> {
  const before = await count(code);
  for (const value of values) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const headers = [{ key: "own", value: Buffer.from("kept") }];
    const record = { key: "another-producer", value: Buffer.from(value), timestampMs: 0, headers };
    producer.produceBatch(real.system.topic, [record], (_, outcome) =>
      outcome instanceof Error ? reject(outcome) : resolve(),
    );
    await promise;
  }
  const isThere = async () => (await count(code)) === before + values.length;
  if (!(await eventually(isThere, 20_000))) throw new Error("there are not enough dead letters");
}

async function count(code: string, state = "true"): Promise<number> {
  const [row] = await real.system.sql.unsafe(
    `select count(*)::integer as n from dead_letters where code = '${code}' and ${state}`,
  );
  return Number(row?.n);
}

test("Dead letters shows each reason with the figures of SQL, and one letter byte by byte", async () => {
  await setAside("record_corrupt", [Buffer.from([0xff, 0x00, 0x41]), "not json <b>\u202e"]);
  const page = await real.open("?view=dead-letters");
  const reason = page.locator(".reason").filter({ hasText: "record_corrupt" });
  await reason.waitFor();
  const unresolved = await count("record_corrupt", "resolved_at is null");
  expect(await reason.innerText()).toContain(`${unresolved} open · none resolved or replaced`);

  await page.getByRole("button", { name: "record_corrupt" }).click();
  await page.locator(".letters-table .row-open").first().click();
  const text = page.getByRole("region", { name: "Bytes of Value" });
  await text.waitFor();
  expect(await text.innerText()).toBe("not json <b>\\u202e");
  await page.getByRole("group", { name: "How Value is shown" }).getByText("Hex").click();
  expect(await text.innerText()).toContain("6e 6f 74 20 6a 73 6f 6e");
  await page.getByRole("heading", { name: "Header own" }).waitFor();

  expect(await findAccessibilityViolations(page)).toEqual([]);
  expect(real.complaints).toEqual([]);
});

test("Dead letters sends all of one reason again after asking, and follows them to their end", async () => {
  const bad = ["1", "2", "3"].map((n) => `{"sessionId":"s","eventType":"t","payload":${n}`);
  await setAside(
    "record_corrupt",
    bad.map((text) => `${text} oops`),
  );
  const unresolved = await count("record_corrupt", "resolved_at is null");
  const page = await real.open("?view=dead-letters");
  const reason = page.locator(".reason").filter({ hasText: "record_corrupt" });

  await reason.getByRole("button", { name: "Send all again" }).click();
  const question = `Send ${unresolved} open dead letters again`;
  // The confirmation has the focus: the keyboard alone does it.
  await page.getByRole("button", { name: question }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await reason.getByText(new RegExp(`^${unresolved} of ${unresolved} sent again`)).waitFor();

  const areBack = () =>
    eventually(async () => (await count("record_corrupt")) >= 2 * unresolved, 20_000);
  expect(await areBack()).toBe(true);
  await reason.getByText(new RegExp(`^${unresolved} became dead letters again: \\d`)).waitFor();
  const [row] = await real.system.sql<{ n: number }[]>`
    select count(*)::integer as n from dead_letter_resends`;
  expect(row?.n).toBeGreaterThanOrEqual(unresolved);
  expect(real.complaints).toEqual([]);
});

test("Dead letters sends one edited, as a new event that resolves its letter", async () => {
  const value = { sessionId: "mended", eventType: "", payload: { n: 1 } };
  await setAside("field_invalid", [JSON.stringify(value)]);
  const page = await real.open("?view=dead-letters&code=field_invalid");
  await page.locator(".letters-table .row-open").first().click();

  await page.getByRole("button", { name: "Edit and send as a new event" }).click();
  await page.getByText(/^Ingest would reject this event/).waitFor();
  await page.getByLabel("Event type").fill("mended_type");
  await page.getByText("Ingest takes this event.").waitFor();
  await page.getByRole("button", { name: "Send as a new event" }).click();

  const detail = page.locator(".letter-detail");
  await detail.locator('.resends [data-outcome="stored"]').waitFor();
  await detail.getByText("resolved: its event is a row").waitFor();
  const rows = await real.system.sql<{ id: string; payload: object }[]>`
    select event_id as id, payload from web_events where event_type = 'mended_type'`;
  expect(rows.map(({ payload }) => payload)).toEqual([{ n: 1 }]);
  const reason = page.locator(".reason").filter({ hasText: "field_invalid" });
  await reason.getByText("0 open · 1 resolved or replaced").waitFor();
  await detail
    .locator(".resends")
    .getByRole("button", { name: String(rows[0]?.id) })
    .click();
  await page.getByText("mended_type").first().waitFor();
  expect(real.complaints).toEqual([]);
});
