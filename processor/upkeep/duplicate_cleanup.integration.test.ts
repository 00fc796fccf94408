/** Old duplicates leave the list, on a real PostgreSQL. */
import { expect, test } from "bun:test";
import { createMetrics, silentLog, eventually } from "@tally/shared";
import { NEVER, addDuplicate, archiveOfFile, newPartition } from "../archive/testing/archive.ts";
import { DUPLICATES_LOCK, PRUNED_MAX, pruneDuplicates, startCleanup } from "./duplicate_cleanup.ts";
import { testBatch } from "../pipeline/testing/sink_contract.ts";

const DAYS = 30;
const archive = archiveOfFile();

interface Wanted {
  /** Position of the archive, or null when it has none. */
  readonly archived: number | null;
  /** Duplicates stand at every offset from 0 to before this one. */
  readonly count: number;
  readonly ageDays: number;
}

/** A partition with duplicates, whose rows' position is after all of them. */
async function partitionWith({ archived, count, ageDays }: Wanted): Promise<number> {
  const partition = newPartition();
  const batch = testBatch({ partition, firstOffset: 0n, count: 1 });
  await archive.setRows(partition, BigInt(count));
  if (archived !== null) await archive.newSink().begin(partition, BigInt(archived));
  if (count > 0) await addDuplicate(archive, batch, 0n);
  await archive.sql`
    insert into duplicate_events (log, partition, "offset", event_id)
    select ${archive.topicLog.logNumber}, ${partition}, "offset", 'some-id'
    from generate_series(1, ${count - 1}) as "offset"`;
  await archive.sql`
    update duplicate_events set seen_at = now() - make_interval(days => ${ageDays})
    where log = ${archive.topicLog.logNumber} and partition = ${partition}`;
  return partition;
}

async function listed(partition: number) {
  const [row] = await archive.sql`
    select pruned_duplicates::int as pruned, pruned_to::int as "prunedTo",
      (select count(*)::int from duplicate_events d
        where (d.log, d.partition) = (p.log, p.partition)) as listed
    from positions p
    where sink = 'postgres' and log = ${archive.topicLog.logNumber} and partition = ${partition}`;
  return row;
}

test("pruneDuplicates() deletes what is old and archived, and counts it", async () => {
  const old = await partitionWith({ archived: 6, count: 10, ageDays: DAYS + 1 });
  const young = await partitionWith({ archived: 10, count: 10, ageDays: DAYS - 1 });
  const unarchived = await partitionWith({ archived: null, count: 10, ageDays: DAYS + 1 });

  const pruned = await pruneDuplicates(archive.sql, DAYS, NEVER);

  expect(pruned).toEqual([6]);
  expect(await listed(old)).toEqual({ pruned: 6, prunedTo: 6, listed: 4 });
  expect(await listed(young)).toEqual({ pruned: 0, prunedTo: 0, listed: 10 });
  expect(await listed(unarchived)).toEqual({ pruned: 0, prunedTo: 0, listed: 10 });
  expect(await pruneDuplicates(archive.sql, DAYS, NEVER)).toEqual([0]);
});

test("pruneDuplicates() keeps what rewound rows have not read again", async () => {
  const partition = await partitionWith({ archived: 8, count: 10, ageDays: DAYS + 1 });
  await archive.sql`
    update positions set next_offset = 3
    where sink = 'postgres' and log = ${archive.topicLog.logNumber} and partition = ${partition}`;

  await pruneDuplicates(archive.sql, DAYS, NEVER);

  expect(await listed(partition)).toEqual({ pruned: 3, prunedTo: 3, listed: 7 });
});

test("pruneDuplicates() deletes a bounded number at a time, and none while an audit runs", async () => {
  const count = PRUNED_MAX + 50;
  const partition = await partitionWith({ archived: count, count, ageDays: DAYS + 1 });
  const audit = await archive.sql.reserve();
  await audit`select pg_advisory_lock_shared(${DUPLICATES_LOCK})`;

  const during = await pruneDuplicates(archive.sql, DAYS, NEVER);
  await audit`select pg_advisory_unlock_shared(${DUPLICATES_LOCK})`;
  audit.release();
  const first = await pruneDuplicates(archive.sql, DAYS, NEVER);
  await pruneDuplicates(archive.sql, DAYS, NEVER);

  expect(Math.max(...during)).toBe(0);
  expect(Math.max(...first)).toBe(PRUNED_MAX);
  expect(await listed(partition)).toEqual({ pruned: count, prunedTo: count, listed: 0 });
});

test("startCleanup() runs until nothing is due, and counts what it deleted", async () => {
  const count = PRUNED_MAX + 50;
  const partition = await partitionWith({ archived: count, count, ageDays: DAYS + 1 });
  const metrics = createMetrics("processor");

  const cleanup = startCleanup({
    isReady: () => true,
    sql: archive.sql,
    metrics,
    log: silentLog(),
    keptDays: DAYS,
    backoffMsMax: 100,
    random: () => 0,
  });
  const isDone = await eventually(async () => (await listed(partition))?.listed === 0, 10_000);
  await cleanup.stop();

  expect(isDone).toBeTrue();
  expect(await metrics.expose()).toContain(`processor_duplicates_pruned_total ${count}`);
});
