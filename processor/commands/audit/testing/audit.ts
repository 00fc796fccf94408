/** Rows and archive objects as the sinks write them, for tests of the audit. */
import type { Batch, DecodedRecord } from "../../../pipeline/sink.ts";
import { testArchive, type TestArchive } from "../../../archive/testing/archive.ts";
import { postgresSink } from "../../../rows/postgres_sink.ts";
import { testBatch } from "../../../pipeline/testing/sink_contract.ts";
import { monotonicNow, wallNow } from "@tally/shared";
import { silentProgress } from "@tally/shared/terminal/progress";
import { testStack } from "@tally/stack/testing";

import type { Kind, Problem } from "../findings.ts";
import type { AuditReport } from "../report.ts";
import { runAudit, type AuditOptions } from "../run_audit.ts";

/** A database and a prefix with real data, and audits of it. */
export interface AuditedData extends Pick<TestArchive, "sql" | "topicLog" | "close"> {
  /** The bucket, to change objects with another client than the archive's. */
  readonly store: Bun.S3Client;
  readonly keyPrefix: string;
  readonly databaseUrl: string;
  readonly schema: string;
  /** Key of the object whose range begins there. */
  keyAt(partition: number, firstOffset: number): Promise<string>;
  /** Id of a row of partition 0. */
  eventIdAt(offset: number): Promise<string>;
  audit(changes?: Partial<AuditOptions>): Promise<AuditReport>;
}

export const HOUR_7_MS = Date.parse("2026-01-31T07:13:32.345Z");
export const HOUR_8_MS = HOUR_7_MS + 3_600_000;
/** A partition whose first records Kafka had lost before the archive read them. */
const REBUILT = 2;

/**
 * Partition 0: 20 rows at 7, a gap of 10, 20 records at 8 of which one is a duplicate and one a
 * dead letter, all archived in four ranges; 10 more rows that are not archived yet. Partition 1: 10
 * rows in one compressed object. Partition 2: 10 rows, of which the archive rebuilt 4 from rows.
 */
export async function auditedData(): Promise<AuditedData> {
  const archive = await testArchive();
  await fill(archive);
  const { sql, topicLog, config, close } = archive;
  const { accessKeyId, secretAccessKey, endpoint, bucket, region } = (await testStack()).s3;
  const credentials = { accessKeyId, secretAccessKey };
  const { keyPrefix } = config.archive;
  return {
    sql,
    topicLog,
    close,
    keyPrefix,
    databaseUrl: config.database.url,
    schema: config.database.schema,
    store: new Bun.S3Client({ ...credentials, endpoint, bucket, region }),
    keyAt: async (partition, firstOffset) => {
      const [row] = await sql<{ key: string }[]>`
        select key from archive_objects
        where log = ${topicLog.logNumber} and partition = ${partition} and first_offset = ${firstOffset}`;
      return row?.key ?? "";
    },
    eventIdAt: async (offset) => {
      const [row] = await sql<{ event_id: string }[]>`
        select event_id from web_events where partition = 0 and "offset" = ${offset}`;
      return row?.event_id ?? "";
    },
    audit: (changes = {}) =>
      runAudit({
        database: { url: config.database.url, schema: config.database.schema },
        bucket: { name: bucket, endpoint, region, keyPrefix, credentials },
        kafka: null,
        topic: null,
        partition: null,
        fromMs: null,
        toMs: null,
        progress: silentProgress,
        nowMs: wallNow,
        ...changes,
      }),
  };
}

async function fill(archive: TestArchive): Promise<void> {
  const rows = postgresSink({
    sql: archive.sql,
    topicLog: archive.topicLog,
    limits: { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false },
    answerMsMax: 10_000,
    wallNow,
    monotonicNow,
  });
  const lines = archive.newSink();
  const packed = archive.newSink({ env: { ARCHIVE_COMPRESSION: "gzip" } });
  const { signal } = new AbortController();
  for (const partition of [0, 1, REBUILT]) {
    await rows.begin(partition, 0n);
    await lines.begin(partition, 0n);
  }
  const seven = testBatch({ partition: 0, firstOffset: 0n, count: 20, timestampMs: HOUR_7_MS });
  const eight = afterGap(withFaults(seven));
  const open = testBatch({ partition: 0, firstOffset: 50n, count: 10, timestampMs: HOUR_8_MS });
  for (const batch of [seven, eight, open]) await rows.write(batch, signal);
  for (const batch of [seven, eight].flatMap(halves)) await lines.write(batch, signal);

  const other = testBatch({ partition: 1, firstOffset: 0n, count: 10, timestampMs: HOUR_7_MS });
  await rows.write(other, signal);
  await packed.write(other, signal);

  const whole = testBatch({ partition: REBUILT, firstOffset: 0n, count: 10 });
  await rows.write(whole, signal);
  await lines.write(withoutFirst(whole, 4), signal);
}

/** Records of the next hour: the one at 35 is a duplicate, and the one at 40 can't be decoded. */
function withFaults(seven: Batch): Batch {
  const batch = testBatch({ partition: 0, firstOffset: 30n, count: 20, timestampMs: HOUR_8_MS });
  const again = seven.records[5]?.decoded;
  const records = batch.records.map((entry): DecodedRecord => {
    const { record } = entry;
    if (record.offset === 40n) return { record, decoded: { code: "record_corrupt", pointer: "" } };
    return record.offset === 35n && again !== undefined ? { record, decoded: again } : entry;
  });
  return { ...batch, records };
}

/** The batch after a gap of offsets that Kafka never had: 20 to 29. */
function afterGap(batch: Batch): Batch {
  return { ...batch, firstOffset: 20n, gaps: [{ firstOffset: 20n, lastOffset: 29n }] };
}

function halves(batch: Batch): Batch[] {
  const middle = batch.nextOffset - 10n;
  const isLeft = ({ record }: DecodedRecord) => record.offset < middle;
  const [left, right] = [batch.records.filter(isLeft), batch.records.filter((r) => !isLeft(r))];
  return [
    { ...batch, nextOffset: middle, records: left },
    { ...batch, firstOffset: middle, records: right, gaps: [] },
  ];
}

/** The batch as the archive reads it when Kafka no longer has its first records. */
function withoutFirst(batch: Batch, count: number): Batch {
  const gap = { firstOffset: batch.firstOffset, lastOffset: BigInt(count) - 1n };
  return { ...batch, records: batch.records.slice(count), gaps: [gap] };
}

/** The kinds of problems with how many there are. */
export function kinds({ problems }: AuditReport): Partial<Record<Kind, number>> {
  return Object.fromEntries(problems.map(({ kind, total }) => [kind, total]));
}

/** The first problem of a kind. */
export function example({ problems }: AuditReport, kind: Kind): Problem | undefined {
  return problems.find((each) => each.kind === kind)?.examples[0];
}
