/** Audits of some hours or one partition, and audits that lack what they need. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { auditedData, HOUR_7_MS, HOUR_8_MS, kinds, type AuditedData } from "./testing/audit.ts";

const START_MS_MAX = 60_000;
let data: AuditedData;

beforeEach(async () => {
  data = await auditedData();
}, START_MS_MAX);
afterEach(() => data.close());

describe("runAudit() with bounds", () => {
  const eight = { fromMs: Math.floor(HOUR_8_MS / 3_600_000) * 3_600_000 };
  const seven = { fromMs: Math.floor(HOUR_7_MS / 3_600_000) * 3_600_000, toMs: eight.fromMs };

  test("runAudit() covers only the offsets of the hours when it has bounds", async () => {
    const [first, second, third] = [
      await data.audit(seven),
      await data.audit(eight),
      await data.audit({ fromMs: null, toMs: seven.fromMs }),
    ];

    expect([first.problems, second.problems]).toEqual([[], []]);
    expect(first.partitions.map((each) => [each.firstOffset, each.nextOffset])).toEqual([
      ["0", "20"],
      ["0", "10"],
      ["0", "10"],
    ]);
    // The range at 8 begins with the gap.
    expect(second.partitions.map((each) => [each.firstOffset, each.nextOffset])).toEqual([
      ["20", "60"],
    ]);
    expect(second.total).toMatchObject({ inLog: 40, rows: 28, gaps: 10, unarchived: 10 });
    expect([first.objectsListed, second.objectsListed]).toEqual([4, 2]);
    expect([third.isClean, third.partitions]).toEqual([true, []]);
  });

  test("runAudit() finds what is broken within the bounds, and not what is beyond", async () => {
    await data.sql`delete from web_events where partition = 0 and "offset" = 30`;
    await data.store.delete(await data.keyAt(0, 40));

    const [first, second] = [await data.audit(seven), await data.audit(eight)];

    expect(first.problems).toEqual([]);
    expect(kinds(second)).toEqual({
      missing_row: 1,
      line_unstored: 1,
      object_missing: 1,
      counts_differ: 2,
    });
  });

  test("runAudit() takes whole ranges when a row of the hour lies in a later object", async () => {
    await data.sql`
      update web_events set received_at = received_at - '1 hour'::interval
      where partition = 0 and "offset" = 33`;

    const report = await data.audit(seven);

    // Only the row's time was changed, so it differs from the line's; nothing else is wrong.
    expect(kinds(report)).toEqual({ line_differs: 1 });
    expect(report.partitions[0]).toMatchObject({ firstOffset: "0", nextOffset: "40" });
  });

  test("runAudit() covers one partition when it is named", async () => {
    await data.sql`delete from web_events where partition = 0 and "offset" = 30`;

    const report = await data.audit({ partition: 1 });

    expect(report.partitions.map(({ partition }) => partition)).toEqual([1]);
    expect([report.isClean, report.objectsListed]).toEqual([true, 1]);
  });
});

describe("runAudit() without its services", () => {
  test("runAudit() rejects with database_unavailable when nothing answers", async () => {
    const database = { url: "postgres://a:b@127.0.0.1:1/c", schema: "public" };

    await expect(data.audit({ database })).rejects.toMatchObject({ code: "database_unavailable" });
  });

  test("runAudit() rejects with archive_unavailable when there is no such bucket", async () => {
    const bucket = { name: "no-such-bucket", endpoint: "http://127.0.0.1:1", region: "x" };

    const audit = data.audit({
      bucket: {
        ...bucket,
        keyPrefix: data.keyPrefix,
        credentials: { accessKeyId: "a", secretAccessKey: "b" },
      },
    });

    await expect(audit).rejects.toMatchObject({ code: "archive_unavailable" });
  });

  test("runAudit() reports why lag is unknown when Kafka does not answer", async () => {
    const report = await data.audit({ kafka: { bootstrapServers: "127.0.0.1:1" } });

    expect(report.isClean).toBe(true);
    expect(report.notes.join("\n")).toContain("Lag is unknown, because Kafka does not answer");
    expect(report.partitions[0]?.lagRecords).toBeNull();
  });
});
