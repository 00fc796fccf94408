/** The archive rewound and written again, on real servers: the bucket stays as it is. */
import { eventually } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import {
  NEVER,
  addDuplicate,
  archiveOfFile,
  keep,
  newBatch,
  type TestArchive,
} from "../../archive/testing/archive.ts";
import type { Batch } from "../../pipeline/sink.ts";
import { testBatch } from "../../pipeline/testing/sink_contract.ts";
import { planReturn, planRewind, rewind, type RewindRequest } from "./rewind.ts";

const archive = archiveOfFile();

/** Three stored ranges: 0 to 3, 4 to 5, 6 to 8; one record of the second is a duplicate. */
async function threeRanges(): Promise<readonly [Batch, Batch, Batch]> {
  const first = await newBatch(archive);
  const { partition } = first;
  const second = testBatch({ partition, firstOffset: 4n, count: 2 });
  const third = testBatch({ partition, firstOffset: 6n, count: 3 });
  await addDuplicate(archive, second, 5n);
  await archive.setRows(partition, 9n);
  const sink = archive.newSink();
  for (const batch of [first, second, third]) await sink.write(batch, NEVER);
  return [first, second, third];
}

function request(partition: number, to: RewindRequest["to"]): RewindRequest {
  const watermarks = { low: 0n, high: 9n };
  return { sink: "archive", logNumber: archive.topicLog.logNumber, partition, to, watermarks };
}

async function rewound(partition: number, to: RewindRequest["to"]): Promise<void> {
  const plan = await planRewind(archive.sql, request(partition, to));
  if (plan.kind === "refused") throw new Error(plan.reason);
  expect(await rewind(archive.sql, request(partition, to), plan)).toBeTrue();
}

async function position(partition: number) {
  const [row] = await archive.sql`
    select next_offset::int, planned_to::int, records::int, events::int, objects::int, bytes::int,
      last_key
    from positions where sink = 'archive' and log = ${archive.topicLog.logNumber} and partition = ${partition}`;
  return row;
}

describe("rewind()", () => {
  test("rewind() plans ranges again, and the same objects are adopted", async () => {
    const [first, second, third] = await threeRanges();
    const { partition } = first;
    const before = [await position(partition), await archive.objects(partition)];

    await rewound(partition, 4n);
    const between = await position(partition);
    const opened = await archive.newSink().open(partition);
    for (const batch of [second, third]) await archive.newSink().write(batch, NEVER);

    expect(between).toMatchObject({ next_offset: 4, planned_to: 9, records: 4, objects: 1 });
    expect(opened).toMatchObject({ nextOffset: 4n, plannedLastOffsets: [5n, 8n] });
    expect([await position(partition), await archive.objects(partition)]).toEqual(before);
    expect((await archive.rows(partition)).map(({ state }) => state)).toEqual(
      Array.from({ length: 3 }, () => "stored"),
    );
  });

  test("rewind() to the start lets a missing object be uploaded", async () => {
    const [first, second, third] = await threeRanges();
    const { partition } = first;
    const before = await archive.objects(partition);
    await archive.bucket.delete(before[1]?.key ?? "");

    await rewound(partition, "start");
    for (const batch of [first, second, third]) await archive.newSink().write(batch, NEVER);

    expect(await archive.objects(partition)).toEqual(before);
  });

  test("rewind() lets the partition stop when an object holds other lines", async () => {
    const [first] = await threeRanges();
    const [object] = await archive.objects(first.partition);
    await archive.bucket.write(object?.key ?? "", "changed\n");

    await rewound(first.partition, 0n);
    const outcome = await archive.newSink().write(first, NEVER).catch(keep);

    expect(outcome).toMatchObject({ code: "archive_conflict" });
    expect(await archive.bucket.file(object?.key ?? "").text()).toBe("changed\n");
  });

  test("rewind() takes the position from an owner that is uploading", async () => {
    const [first] = await threeRanges();
    const { partition } = first;
    const next = testBatch({ partition, firstOffset: 9n, count: 2 });
    await archive.setRows(partition, 11n);
    const create: TestArchive["store"]["create"] = async (object, signal) => {
      await rewound(partition, 0n);
      return await archive.store.create(object, signal);
    };

    const outcome = await archive
      .newSink({ store: { ...archive.store, create } })
      .write(next, NEVER)
      .catch(keep);

    expect(outcome).toMatchObject({ code: "position_moved" });
    expect(await archive.newSink().open(partition)).toMatchObject({
      nextOffset: 0n,
      plannedLastOffsets: [3n, 5n, 8n, 10n],
    });
  });
});

describe("rewind() beside the clean-up", () => {
  test("rewind() changes nothing when duplicates are cleaned up while it waits", async () => {
    const [{ partition }] = await threeRanges();
    const { sql, topicLog } = archive;
    const plan = await planRewind(sql, request(partition, 4n));
    if (plan.kind === "refused") throw new Error(plan.reason);
    const before = await position(partition);

    // As pruneDuplicates() does: both positions held, then the one of the rows changed.
    const rewinding = await sql.begin(async (cleanUp) => {
      const [holder] = await cleanUp<{ pid: number }[]>`
        select pg_backend_pid() as pid from positions
        where log = ${topicLog.logNumber} and partition = ${partition} order by sink desc for update`;
      const waiting = rewind(sql, request(partition, 4n), plan);
      // Asked beside the transaction, which would see the same processes each time.
      const isWaiting = async () => {
        const pids = await sql`
          select from pg_stat_activity where ${holder?.pid ?? 0} = any(pg_blocking_pids(pid))`;
        return pids.length > 0;
      };
      expect(await eventually(isWaiting, 10_000)).toBeTrue();
      await cleanUp`
        update positions set pruned_to = 6
        where sink = 'postgres' and log = ${topicLog.logNumber} and partition = ${partition}`;
      return { waiting };
    });

    expect(await rewinding.waiting).toBeFalse();
    expect(await position(partition)).toEqual(before);
  });
});

describe("planRewind()", () => {
  test("planRewind() goes back to the start of a range only, and names the nearest ones", async () => {
    const [{ partition }] = await threeRanges();

    const plans = [5n, 7n].map((to) => planRewind(archive.sql, request(partition, to)));

    expect(await Promise.all(plans)).toEqual([
      { kind: "refused", reason: "No range of the archive begins at 5: take 4 or 6." },
      { kind: "refused", reason: "The archive has stored no range that begins at 7 or later." },
    ]);
  });

  test("planRewind() needs the rows rewound first when duplicates were cleaned up", async () => {
    const [{ partition }] = await threeRanges();
    await archive.sql`
      update positions set pruned_to = 6
      where sink = 'postgres' and log = ${archive.topicLog.logNumber} and partition = ${partition}`;

    const plans = [4n, 6n].map((to) => planRewind(archive.sql, request(partition, to)));

    expect(await Promise.all(plans)).toMatchObject([
      { kind: "refused", reason: expect.stringContaining("--sink postgres") },
      { to: 6n, ranges: 1 },
    ]);
  });
});

describe("planReturn()", () => {
  test("planReturn() goes back to the last range that begins in the shortened log", async () => {
    const [{ partition }] = await threeRanges();
    const { sql, topicLog } = archive;
    const returnTo = (high: bigint) =>
      planReturn(sql, { ...request(partition, "start"), watermarks: { low: 0n, high } });

    const plans = [await returnTo(5n), await returnTo(6n)];
    await sql`
      update positions set pruned_to = 6
      where sink = 'postgres' and log = ${topicLog.logNumber} and partition = ${partition}`;
    const cleanedUp = await returnTo(5n);

    expect(plans).toMatchObject([{ to: 4n }, { to: 6n }]);
    expect(cleanedUp).toEqual({
      kind: "refused",
      reason: expect.stringContaining("--sink postgres"),
    });
  });
});
