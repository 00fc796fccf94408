/** The tasks that keep the counts, on a real PostgreSQL. */
import { beforeEach, expect, test } from "bun:test";
import { eventually, silentLog } from "@tally/shared";
import { archiveOfFile } from "../archive/testing/archive.ts";
import { allDifferences } from "../counts/testing/counted.ts";
import { moveOldCounts } from "../counts/move.ts";
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

test("moveOldCounts() waits for the types of an hour before it takes the hour, as a rebuild does", async () => {
  const { sql, topicLog } = archive;
  const counted = () => sql`
    insert into quarter_counts
    select bucket_of('15 minutes', now() - interval '73 hours'), ${topicLog.logNumber}, 0, 1, 0, '{}'`;
  await counted();
  await moveOldCounts(sql);
  await counted();
  let moving: Promise<unknown> = Promise.resolve();

  const taken = await sql.begin(async (rebuild) => {
    await rebuild`select from hour_counts for update`;
    moving = moveOldCounts(sql);
    await untilWaiting();
    await rebuild`set local lock_timeout = '100ms'`;
    return await rebuild`select from hour_totals for update`;
  });
  await moving;

  expect(taken.count).toBe(1);
  expect(
    await sql`select total_00 + total_15 + total_30 + total_45 = 2 as ok from hour_totals`,
  ).toEqual([{ ok: true }] as never);
});

/** Waits until the statement that moves quarters waits for a lock. */
async function untilWaiting(): Promise<void> {
  const isWaiting = await eventually(async () => {
    const [found] = await archive.sql`
      select from pg_stat_activity where wait_event_type = 'Lock'
        and query like '%delete from quarter_counts%' and datname = current_database() limit 1`;
    return found !== undefined;
  }, DONE_MS_MAX);
  expect(isWaiting).toBeTrue();
}

async function tables() {
  const [row] = await archive.sql<{ minutes: number; quarters: number; hours: number }[]>`
    select (select count(*)::integer from minute_counts) as minutes,
      (select count(*)::integer from quarter_counts) as quarters,
      (select count(*)::integer from hour_totals) as hours`;
  return row ?? { minutes: -1, quarters: -1, hours: -1 };
}
