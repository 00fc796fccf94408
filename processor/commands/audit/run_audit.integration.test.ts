/**
 * Audits of rows and counters that the real sinks have written, and then of the
 * same data with one thing broken on purpose.
 */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { addDifferences, registerTypesOfRows } from "../../counts/fill.ts";
import { pruneDuplicates } from "../../upkeep/duplicate_cleanup.ts";
import { planRewind, rewind } from "../positions/rewind.ts";

import { auditedData, example, kinds, type AuditedData } from "./testing/audit.ts";

const START_MS_MAX = 60_000;
const ALL = { from: "-infinity", to: "infinity" };
/** The counts of an hour have a row more or less: in total, and of a type. */
const HOUR_DIFFERS = { counts_differ: 2 };
let data: AuditedData;

beforeEach(async () => {
  data = await auditedData();
}, START_MS_MAX);
afterEach(() => data.close());

describe("runAudit()", () => {
  test("runAudit() is clean and adds up when nothing was touched", async () => {
    const report = await data.audit();

    expect(report.problems).toEqual([]);
    expect(report.isClean).toBe(true);
    expect(report.total).toEqual({
      inLog: 80,
      rows: 68,
      duplicates: 1,
      deadLetters: 1,
      gaps: 10,
      lost: 0,
      missing: 0,
      lines: 58,
      unarchived: 10,
      beforeArchive: 0,
    });
    expect(report.hours.map(({ hour, rows, inLog }) => [hour, rows, inLog])).toEqual([
      ["2026-01-31T07", 40, 50],
      ["2026-01-31T08", 28, 30],
    ]);
    expect(report.partitions.map((each) => [each.partition, each.nextOffset])).toEqual([
      [0, "60"],
      [1, "10"],
      [2, "10"],
    ]);
    expect(report.objectsListed).toBe(6);
  });

  test("runAudit() names the offset and the line's event when a row was deleted", async () => {
    const eventId = await data.eventIdAt(33);
    await data.sql`delete from web_events where event_id = ${eventId}`;

    const report = await data.audit();

    expect(kinds(report)).toEqual({
      ...HOUR_DIFFERS,
      missing_row: 1,
      line_unstored: 1,
      counter_differs: 1,
    });
    expect(example(report, "missing_row")).toMatchObject({ partition: 0, offset: "33" });
    expect(example(report, "line_unstored")).toMatchObject({
      eventId,
      key: await data.keyAt(0, 20),
    });
    expect(report.total).toMatchObject({ inLog: 80, rows: 67, missing: 1 });
  });

  test("runAudit() is clean when old duplicates were cleaned up, and still finds a row that is gone", async () => {
    await data.sql`update duplicate_events set seen_at = now() - interval '2 days'`;
    const pruned = await pruneDuplicates(data.sql, 1, new AbortController().signal);

    const clean = await data.audit();
    await data.sql`delete from web_events where partition = 0 and "offset" = 33`;
    const broken = await data.audit();

    expect(pruned).toEqual([1]);
    expect(await data.sql`select from duplicate_events`).toHaveLength(0);
    expect(clean.problems).toEqual([]);
    expect(clean.total).toMatchObject({ inLog: 80, rows: 68, duplicates: 1 });
    expect(kinds(broken)).toEqual({
      ...HOUR_DIFFERS,
      missing_row: 1,
      line_unstored: 1,
      counter_differs: 1,
    });
  });

  test("runAudit() finds nothing but the archive ahead when rows were rewound and not read again", async () => {
    const request = {
      ...({ sink: "postgres", logNumber: data.topicLog.logNumber, partition: 0, to: 25n } as const),
      watermarks: { low: 0n, high: 60n },
    };
    const plan = await planRewind(data.sql, request);
    if (plan.kind === "refused") throw new Error(plan.reason);
    await rewind(data.sql, request, plan);

    const report = await data.audit({ bucket: null });

    expect(kinds(report)).toEqual({ archive_ahead: 1 });
    expect(report.partitions[0]).toMatchObject({ nextOffset: "30" });
  });

  test("runAudit() finds the first row when it was deleted", async () => {
    await data.sql`delete from web_events where partition = 0 and "offset" = 0`;

    const report = await data.audit({ bucket: null });

    expect(example(report, "missing_row")).toMatchObject({ partition: 0, offset: "0" });
  });

  test("runAudit() finds the last row when it was deleted", async () => {
    await data.sql`delete from web_events where partition = 0 and "offset" = 59`;

    const report = await data.audit();

    expect(example(report, "missing_row")).toMatchObject({ partition: 0, offset: "59" });
  });

  test("runAudit() names both ids when one offset has two rows", async () => {
    const eventId = await data.eventIdAt(7);
    await data.sql`
      insert into web_events
      select 'zz-twin', session_id, event_type, ts, received_at, payload, log, partition, "offset"
      from web_events where event_id = ${eventId}`;

    const report = await data.audit();

    expect(kinds(report)).toEqual({
      ...HOUR_DIFFERS,
      offset_twice: 1,
      line_missing: 1,
      counter_differs: 1,
    });
    const twice = example(report, "offset_twice");
    expect(twice).toMatchObject({ partition: 0, offset: "7", eventId: "zz-twin" });
    expect(twice?.detail).toBe(`row ${eventId} and row zz-twin`);
    expect(example(report, "line_missing")).toMatchObject({ offset: "7", eventId: "zz-twin" });
  });

  test.each(["session_id", "event_type", "source"])(
    "runAudit() names the field when %s of a row was changed",
    async (column) => {
      const { sql } = data;
      await sql`update web_events set ${sql(column)} = 'x' where partition = 0 and "offset" = 3`;

      const report = await data.audit();

      const differs = column === "event_type" ? HOUR_DIFFERS : {};
      expect(kinds(report)).toEqual({ ...differs, line_differs: 1 });
      expect(example(report, "line_differs")).toMatchObject({ offset: "3" });
    },
  );

  test("runAudit() finds times of a row that were changed by a millisecond", async () => {
    await data.sql`
      update web_events set ts = ts + '1 ms', received_at = received_at + '1 ms'
      where partition = 0 and "offset" = 3`;

    const report = await data.audit();

    expect(example(report, "line_differs")?.detail).toBe("ts, receivedAt");
  });

  test.each([
    ["postgres", "records"],
    ["postgres", "events"],
    ["postgres", "duplicates"],
    ["postgres", "dead_letters"],
    ["archive", "records"],
    ["archive", "events"],
    ["archive", "objects"],
    ["archive", "bytes"],
  ])("runAudit() finds the counter when %s has miscounted %s", async (sink, counter) => {
    const { sql } = data;
    await sql`
      update positions set ${sql(counter)} = ${sql(counter)} - 1
      where sink = ${sink} and partition = 1`;

    const found = await data.audit();

    expect(example(found, "counter_differs")).toMatchObject({ partition: 1 });
    expect(kinds(found).missing_row).toBeUndefined();
  });

  test("runAudit() audits every generation of a topic, and one topic when it is named", async () => {
    const { sql, topicLog } = data;
    const [made] = await sql<{ log: number }[]>`
      insert into logs (topic, topic_id) values (${topicLog.topic}, 'another-id') returning log`;
    const other = made?.log ?? 0;
    await sql`
      insert into web_events
      select 'other-' || event_id, session_id, event_type, ts, received_at, payload, ${other}, partition, "offset"
      from web_events where partition = 1`;
    await sql`
      insert into positions (sink, log, partition, next_offset, planned_to, records, events, event_types)
      select sink, ${other}, partition, next_offset, next_offset, records, events, event_types
      from positions where partition = 1 and sink = 'postgres'`;
    await registerTypesOfRows(sql, ALL);
    await addDifferences(sql, ALL);

    const whole = await data.audit();
    await sql`delete from web_events where log = ${other} and "offset" = 4`;
    const broken = await data.audit({ topic: topicLog.topic });
    const named = await data.audit({ topic: "another-topic", bucket: null });

    expect(whole.problems).toEqual([]);
    expect(whole.partitions.map((each) => [each.log, each.partition])).toEqual([
      [topicLog.logNumber, 0],
      [topicLog.logNumber, 1],
      [topicLog.logNumber, 2],
      [other, 1],
    ]);
    expect(whole.total).toMatchObject({ rows: 78, lines: 58, unarchived: 20 });
    expect(example(broken, "missing_row")).toMatchObject({ log: other, offset: "4" });
    expect(named.partitions).toEqual([]);
  });

  test("runAudit() notes processors of other groups that are at work, and stays clean", async () => {
    const { logNumber } = data.topicLog;
    const beat = (id: string, group: string, age: string) => data.sql`
      insert into processors (process_id, group_prefix, log, seen_at)
      values (${id}, ${group}, ${logNumber}, now() - ${age}::text::interval)`;
    await beat("a", "blue", "1 second");
    await beat("b", "blue", "2 seconds");
    await beat("killed", "red", "1 minute");

    const one = await data.audit();
    await beat("c", "green", "3 seconds");
    const two = await data.audit();

    const [of] = one.groups;
    expect(of).toMatchObject({ log: logNumber, groups: ["blue"] });
    expect(one.notes.filter((note) => note.includes("groups"))).toEqual([]);
    expect(two).toMatchObject({ isClean: true, groups: [{ groups: ["blue", "green"] }] });
    expect(two.notes.filter((note) => note.includes("2 groups (blue, green)"))).toHaveLength(1);
  });

  test.each([
    ["a count", "update minute_counts set counts[1] = counts[1] + 1 where partition = 1", 2],
    [
      "a minute",
      "update minute_counts set minute = minute - interval '3 hours' where partition = 1",
      4,
    ],
    ["a type", "update counted_types set event_type = 'other' where partition = 1", 2],
    ["late events", "update minute_counts set late = late + 1 where partition = 1", 1],
  ])("runAudit() finds %s that was changed in the counts", async (_, change, total) => {
    expect((await data.audit()).counts).toBe("equal");

    await data.sql.unsafe(change);

    const report = await data.audit();
    expect(report).toMatchObject({ isClean: false, counts: "differ" });
    expect(kinds(report)).toEqual({ counts_differ: total });
    expect(example(report, "counts_differ")?.detail).toMatch(/^\d{4}-.* counted, \d+ rows \(/);
    expect(report.notes.join()).toContain("bun run counts rebuild");
  });

  test("runAudit() leaves the counts out until they are filled, and for a single partition", async () => {
    await data.sql`update counts_fill set completed_at = null`;
    await data.sql`update minute_counts set total = 0`;

    const [filling, single] = [await data.audit(), await data.audit({ partition: 0 })];

    expect(filling).toMatchObject({ isClean: true, counts: "not filled" });
    expect(filling.notes.join()).toContain("still counts the rows");
    expect(single).toMatchObject({ isClean: true, counts: "left out" });
  });

  test("runAudit() leaves the archive out when it is switched off", async () => {
    await data.store.delete(await data.keyAt(0, 10));

    const report = await data.audit({ bucket: null });

    expect(report).toMatchObject({ isClean: true, isArchiveAudited: false, objectsListed: null });
    expect(report.notes[0]).toContain("S3_ENABLED=false");
  });
});
