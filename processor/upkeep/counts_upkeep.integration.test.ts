/** The tasks that keep the counts, on a real PostgreSQL. */
import { beforeEach, expect, test } from "bun:test";
import { eventually, silentLog } from "@tally/shared";
import { archiveOfFile } from "../archive/testing/archive.ts";
import { allDifferences } from "../counts/testing/counted.ts";
import { startCountsFill, startCountsMove } from "./counts_upkeep.ts";

const archive = archiveOfFile();
const DONE_MS_MAX = 20_000;
const HOURS = [47, 49, 71, 73];

const options = () => ({
  isReady: () => true,
  sql: archive.sql,
  log: silentLog(),
  backoffMsMax: 100,
  random: () => 0,
});

beforeEach(async () => {
  const { sql, topicLog } = archive;
  await archive.setRows(0, 0n);
  await sql`truncate web_events, minute_counts, quarter_counts, hour_counts, hour_totals`;
  await sql`
    insert into web_events
    select age::text, 's', 'click', now() - make_interval(hours => age),
      now() - make_interval(hours => age), '{}', ${topicLog.logNumber}, 0, age
    from unnest(${`{${HOURS}}`}::text::integer[]) as age`;
});

test("startCountsFill() counts the rows that are there, and ends", async () => {
  await archive.sql`update counts_fill set completed_at = null`;

  const fill = startCountsFill(options());
  const isDone = await eventually(async () => {
    const [row] = await archive.sql`select counts_complete() as "isComplete"`;
    return row?.["isComplete"] === true;
  }, DONE_MS_MAX);
  await fill.stop();

  expect(isDone).toBeTrue();
  expect(await allDifferences(archive.sql)).toEqual([]);
});

test("startCountsMove() moves minutes after 48 hours, and quarters after 72", async () => {
  const { sql, topicLog } = archive;
  await sql`
    insert into minute_counts
    select bucket_of('1 minute', ts), ${topicLog.logNumber}, 0, 1, 0, '{}' from web_events`;

  const move = startCountsMove(options());
  const isMoved = await eventually(async () => (await tables()).hours > 0, DONE_MS_MAX);
  await move.stop();

  expect(isMoved).toBeTrue();
  expect(await tables()).toEqual({ minutes: 1, quarters: 2, hours: 1 });
});

async function tables() {
  const [row] = await archive.sql<{ minutes: number; quarters: number; hours: number }[]>`
    select (select count(*)::integer from minute_counts) as minutes,
      (select count(*)::integer from quarter_counts) as quarters,
      (select count(*)::integer from hour_totals) as hours`;
  return row ?? { minutes: -1, quarters: -1, hours: -1 };
}
