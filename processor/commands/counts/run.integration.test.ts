/** `bun run counts` against a real PostgreSQL, while the sink writes. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { loadConfig } from "@tally/shared";
import { silentProgress } from "@tally/shared/terminal/progress";
import { allDifferences } from "../../counts/testing/counted.ts";
import { auditedData, type AuditedData } from "../audit/testing/audit.ts";
import type { CountsCommand } from "./arguments.ts";
import { runCounts } from "./run.ts";

const START_MS_MAX = 60_000;
let data: AuditedData;

beforeEach(async () => {
  data = await auditedData();
}, START_MS_MAX);
afterEach(() => data.close());

async function run(command: Partial<CountsCommand> & Pick<CountsCommand, "name">, changes = {}) {
  const env = { DATABASE_URL: data.databaseUrl, DATABASE_SCHEMA: data.schema, ...changes };
  let printed = "";
  const exitCode = await runCounts(
    { from: null, to: null, ...command },
    {
      config: loadConfig(env, "processor"),
      print: (text) => (printed += text),
      progress: silentProgress,
    },
  );
  return { exitCode, printed };
}

test("runCounts() shows what the tables hold", async () => {
  const { exitCode, printed } = await run({ name: "show" });

  expect(exitCode).toBe(0);
  expect(printed).toMatch(/^All rows are counted\.\nCounted are 68 events, \d+ of them late\.$/m);
  expect(printed).toMatch(
    /^They are kept in \d+ counts? of a minute, \d+ of a quarter of an hour/m,
  );
});

test.each([
  ["counts", "update minute_counts set counts[1] = counts[1] + 7, late = late + 1"],
  ["a type", "update counted_types set event_type = 'other' where number = 1"],
  ["minutes", "update minute_counts set minute = minute + interval '90 minutes'"],
  ["everything", "truncate minute_counts, quarter_counts, hour_counts, hour_totals"],
  ["rows", "delete from web_events where partition = 0"],
])("runCounts() makes counts equal to the rows after %s were changed", async (_, change) => {
  await data.sql.unsafe(change);
  expect((await allDifferences(data.sql)).length).toBeGreaterThan(0);

  const { exitCode, printed } = await run({ name: "rebuild" });
  const again = await run({ name: "rebuild" });

  expect(exitCode).toBe(0);
  expect(printed).toMatch(/^The counts of \d hours were changed/);
  expect(again.printed).toBe("The counts were equal to the rows: nothing was changed.\n");
  expect(await allDifferences(data.sql)).toEqual([]);
});

test("runCounts() changes only the hours of the range", async () => {
  await data.sql`update minute_counts set total = total + 1`;
  const range = { from: "2026-01-31T08:00:00.000Z", to: "2026-01-31T09:00:00.000Z" };

  await run({ name: "rebuild", ...range });

  const hours = new Set((await allDifferences(data.sql)).map((each) => each.slice(0, 13)));
  expect([...hours]).toEqual(["2026-01-31T07"]);
});

test("runCounts() refuses while another process adds to the counts", async () => {
  await data.sql.begin(async (holder) => {
    await holder`select pg_advisory_xact_lock(7255903, hashtext(current_schema()))`;

    const { exitCode, printed } = await run({ name: "rebuild" });

    expect(exitCode).toBe(1);
    expect(printed).toContain("Another process adds to the counts");
  });
});

test("runCounts() refuses a schema without tables", async () => {
  const { exitCode, printed } = await run({ name: "show" }, { DATABASE_SCHEMA: "nothing_there" });

  expect(exitCode).toBe(1);
  expect(printed).toContain("has no tables of Tally");
});
