/**
 * The audit's flow: read the positions once, then account for every offset below
 * them and compare rows with archive lines, partition by partition.
 */
import { DUPLICATES_LOCK } from "../../upkeep/duplicate_cleanup.ts";
import type { KafkaConnection } from "@tally/shared/kafka";

import { openBucket, type Bucket, type BucketReader } from "../../archive/bucket.ts";
import type { Database } from "../../database/database.ts";
import { ask, type DatabaseAddress } from "../../database/read_only.ts";
import type { Progress } from "@tally/shared/terminal/progress";
import { ArchiveCheck } from "./archive_check.ts";
import { connectDatabase, type AuditDatabase } from "./database.ts";
import { boundedScopes, isBounded, type HourBounds } from "./bounds.ts";
import { Ledger } from "./ledger.ts";
import {
  beginOf,
  beginOfRows,
  placeId,
  readPositions,
  type PartitionPositions,
  type PositionsWanted,
} from "./positions.ts";
import { archiveDifferences, rowDifferences } from "./counters.ts";
import { mergeByOffset } from "./entry.ts";
import { Findings } from "./findings.ts";
import { readReach, type LogReach } from "./log_lag.ts";
import { OffsetAccount } from "./offset_account.ts";
import {
  openRows,
  readDeadLetters,
  readDuplicates,
  readGaps,
  readRanges,
  type OrderedRows,
  type Scope,
} from "./ordered_reads.ts";
import { makeReport, type AuditedPartition, type AuditReport } from "./report.ts";
import { findUnplanned } from "./unplanned_objects.ts";

export type { AuditReport } from "./report.ts";

/** All that an audit needs; nothing is taken from the environment. */
export interface AuditOptions extends HourBounds, PositionsWanted {
  readonly database: DatabaseAddress;
  /** Null: the archive is switched off, and its half is left out. */
  readonly bucket: Bucket | null;
  /** Null: lag is left out. */
  readonly kafka: KafkaConnection | null;
  readonly progress: Progress;
  readonly nowMs: () => number;
}

/**
 * Audits everything below the positions that it reads at its start.
 *
 * @throws {PipelineError} `database_unavailable`, `archive_unavailable`: there is no verdict.
 */
export async function runAudit(options: AuditOptions): Promise<AuditReport> {
  const startedAtMs = options.nowMs();
  const database = await connectDatabase(options.database);
  const bucket = options.bucket === null ? null : openBucket(options.bucket);
  const audit: Audit = { options, database, sql: database.sql, bucket, findings: new Findings() };
  try {
    return await Promise.race([auditAll(audit, startedAtMs), database.broken]);
  } finally {
    bucket?.close();
    await database.close();
  }
}

async function auditAll(audit: Audit, startedAtMs: number): Promise<AuditReport> {
  const { options, database, sql, bucket, findings } = audit;
  await keepDuplicates(database.lock);
  const partitions = await readPositions(sql, options);
  const reach = await readReachOf(options, partitions);
  const audited = await auditPartitions(audit, partitions);
  const objectsListed = bucket === null ? null : await listBucket(audit, bucket);
  const { fromMs, toMs } = options;
  const elapsedMs = options.nowMs() - startedAtMs;
  const run = { startedAtMs, elapsedMs, fromMs, toMs, objectsListed };
  return makeReport({ run, audited, reach, findings });
}

/**
 * Holds off the clean-up of old duplicates, whose number is read at the start, until the session's
 * end.
 */
async function keepDuplicates(session: Database): Promise<void> {
  await ask("lock", session`select pg_advisory_lock_shared(${DUPLICATES_LOCK})`);
}

interface Audit {
  readonly options: AuditOptions;
  readonly database: AuditDatabase;
  readonly sql: Database;
  readonly bucket: BucketReader | null;
  readonly findings: Findings;
}

async function readReachOf(
  { kafka }: AuditOptions,
  partitions: readonly PartitionPositions[],
): Promise<LogReach> {
  if (kafka === null || partitions.length === 0) return { watermarks: new Map(), notes: [] };
  return await readReach(kafka, partitions);
}

async function auditPartitions(
  audit: Audit,
  partitions: readonly PartitionPositions[],
): Promise<AuditedPartition[]> {
  const { options, database, findings } = audit;
  const scopes = await scopesOf(audit, partitions);
  const { progress } = options;
  const offsets = [...scopes.values()].reduce((sum, scope) => sum + lengthOf(scope), 0);
  const step = progress.step("auditing", offsets);
  step.note("the database sorts the rows");
  const rows = await openRows(database.rows, [...scopes.values()]);
  const audited: AuditedPartition[] = [];
  let done = 0;
  try {
    for (const positions of partitions) {
      if (isArchiveAhead(positions)) {
        const { log, topic, partition, archive } = positions;
        const offset = String(archive?.nextOffset ?? 0n);
        findings.add("archive_ahead", { log, topic, partition, offset });
      }
      const scope = scopes.get(placeId(positions.log, positions.partition));
      if (scope === undefined) continue;
      const onEntry = (count: number) => {
        const text = `${positions.topic} ${positions.partition}, ${(done + count).toLocaleString("en")} offsets`;
        step.show(done + count, text);
      };
      audited.push(await auditPartition(audit, { positions, scope, rows, onEntry }));
      done += lengthOf(scope);
    }
  } finally {
    await rows.close();
  }
  step.done(`${offsets.toLocaleString("en")} offsets`);
  return audited;
}

/** What to audit, by `placeId`, in the order of the partitions. */
async function scopesOf(
  { options, sql, bucket }: Audit,
  partitions: readonly PartitionPositions[],
): Promise<ReadonlyMap<string, Scope>> {
  if (isBounded(options)) {
    const keyPrefix = bucket === null ? null : (options.bucket?.keyPrefix ?? null);
    return await boundedScopes(sql, partitions, { bounds: options, keyPrefix });
  }
  return new Map(
    partitions.map(({ log, partition, rows }) => [
      placeId(log, partition),
      { log, partition, firstOffset: 0n, nextOffset: rows?.nextOffset ?? 0n },
    ]),
  );
}

interface PartitionAudit {
  readonly positions: PartitionPositions;
  readonly scope: Scope;
  readonly rows: OrderedRows;
  /** Told how many offsets of the partition are accounted for. */
  onEntry(count: number): void;
}

/** Entries between two looks at the progress. */
const SHOW_ENTRIES = 1_000;

async function auditPartition(audit: Audit, partition: PartitionAudit): Promise<AuditedPartition> {
  const { options, sql, findings } = audit;
  const { positions, scope, rows, onEntry } = partition;
  const { log, topic } = positions;
  const place = { log, topic, partition: positions.partition };
  const isWhole = !isBounded(options);
  const begin = positions.rows === null ? null : beginOfRows(positions.rows);
  const ledger = new Ledger();
  const account = new OffsetAccount({
    place,
    firstOffset: isWhole ? begin : scope.firstOffset,
    nextOffset: scope.nextOffset,
    pruned: {
      to: positions.rows?.prunedTo ?? 0n,
      duplicates: isWhole ? (positions.rows?.prunedDuplicates ?? 0) : null,
    },
    ledger,
    findings,
  });
  const archive = await archiveCheck(audit, partition, ledger);
  const entries = mergeByOffset([
    rows.of(scope),
    readDuplicates(sql, scope),
    readDeadLetters(sql, scope),
    readGaps(sql, scope),
  ]);
  let count = 0;
  for await (const entry of entries) {
    account.take(entry);
    if (entry.row !== null) await archive?.take(entry.row);
    count += 1;
    if (count % SHOW_ENTRIES === 0) onEntry(count);
  }
  account.end();
  await archive?.end();
  if (isWhole) compareCounters(audit, partition, { ledger, archive });
  const firstOffset = account.firstOffset ?? scope.nextOffset;
  return { positions, firstOffset, nextOffset: scope.nextOffset, ledger };
}

/** The archive's half of a partition; null when it is off, or has no position here. */
async function archiveCheck(
  { options, sql, bucket, findings }: Audit,
  { positions, scope }: PartitionAudit,
  ledger: Ledger,
): Promise<ArchiveCheck | null> {
  const { log, topic, partition, archive } = positions;
  if (bucket === null) return null;
  const isWhole = !isBounded(options);
  const archivedTo = archive?.nextOffset ?? 0n;
  const nextOffset = isWhole || archivedTo < scope.nextOffset ? archivedTo : scope.nextOffset;
  const begin = archive === null ? null : beginOf(archive);
  const isLater = begin !== null && begin > scope.firstOffset;
  const check = new ArchiveCheck({
    place: { log, topic, partition },
    ranges: readRanges(sql, { ...scope, nextOffset }),
    bucket,
    firstOffset: isWhole || isLater ? begin : scope.firstOffset,
    nextOffset,
    ledger,
    findings,
  });
  await check.begin();
  return check;
}

function compareCounters(
  { findings }: Audit,
  { positions }: PartitionAudit,
  { ledger, archive }: { readonly ledger: Ledger; readonly archive: ArchiveCheck | null },
): void {
  const { log, topic, partition } = positions;
  const place = { log, topic, partition };
  const ofRows = positions.rows === null ? [] : rowDifferences(positions.rows, ledger.total());
  for (const each of ofRows) findings.add("counter_differs", { ...place, detail: `rows: ${each}` });
  if (archive === null || positions.archive === null) return;
  for (const each of archiveDifferences(positions.archive, archive.sums)) {
    findings.add("counter_differs", { ...place, detail: `archive: ${each}` });
  }
}

function isArchiveAhead({ rows, archive }: PartitionPositions): boolean {
  return archive !== null && archive.nextOffset > (rows?.nextOffset ?? 0n);
}

async function listBucket({ options, sql, findings }: Audit, bucket: BucketReader) {
  const { bucket: where, partition, progress } = options;
  const step = progress.step("listing");
  const listed = await findUnplanned(sql, bucket, {
    keyPrefix: where?.keyPrefix ?? "",
    bounds: options,
    partition,
    findings,
    onListed: (objects) => step.note(`${objects.toLocaleString("en")} objects`),
  });
  step.done(`${listed.toLocaleString("en")} objects`);
  return listed;
}

function lengthOf({ firstOffset, nextOffset }: Scope): number {
  return Number(nextOffset - firstOffset);
}
