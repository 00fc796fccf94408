/** The view Pipeline in a real browser: its figures are those of SQL. */
import { expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { hostname } from "node:os";
import { useRealPage } from "./testing/page_system.ts";

const real = useRealPage();
const events = Array.from({ length: 40 }, (_, index) => ({
  sessionId: `s-${index}`,
  eventType: "page_view",
  payload: { index },
}));

test("Pipeline accounts for every offset, with the figures of SQL", async () => {
  await real.store(events);
  const page = await real.open("?view=pipeline");
  await page.getByText("Nothing waits.").first().waitFor();

  const isSame = async (): Promise<boolean> => {
    const [row] = await real.system.sql<{ rows: number; lines: number; offsets: number }[]>`
      select sum(events) filter (where sink = 'postgres')::integer as rows,
        sum(events) filter (where sink = 'archive')::integer as lines,
        sum(next_offset) filter (where sink = 'postgres')::integer as offsets
      from positions`;
    const ledger = await page.locator(".ledger").innerText();
    return (
      ledger.includes(`${row?.offsets} offsets = ${row?.rows} read`) &&
      ledger.includes(`${row?.rows} rows = ${row?.lines} archive lines + 0 to archive`)
    );
  };
  expect(await eventually(isSame, 20_000)).toBe(true);
  expect(await page.locator(".account-good").count()).toBe(3);
  expect(await page.locator(".partitions tbody tr").count()).toBe(6);
  const owner = `${hostname()}:${real.system.processors[0].pid}`;
  await page.getByRole("cell", { name: owner }).nth(5).waitFor();
  expect(real.complaints).toEqual([]);
});
