/**
 * The audit's flow: read the positions once, then account for every offset below
 * them and compare rows with archive lines, partition by partition.
 */
import type { MonotonicMs, WallClock, WallMs } from "@tally/shared";
import type { KafkaConnection } from "@tally/shared/kafka";
import type { Progress } from "@tally/shared/terminal/progress";
import type { Database } from "@tally/shared/database";

import { openBucket, type Bucket, type BucketReader } from "../../archive/bucket.ts";
import { ask, type DatabaseAddress } from "../../database/read_only.ts";
import { findDifferences, readFill, type CountsDifference } from "../../counts/differences.ts";
import { readLosses } from "../losses.ts";
import { DUPLICATES_LOCK } from "../../upkeep/duplicate_cleanup.ts";
import { readGroups } from "../../upkeep/other_groups.ts";
import {
  placeId,
  readPositions,
  type PartitionPositions,
  type PositionsWanted,
} from "./audited_positions.ts";
import { connectDatabase, type AuditDatabase } from "./connections.ts";
import { Findings } from "./findings.ts";
import { boundedScopes, isBounded, type HourBounds } from "./hour_bounds.ts";
import { readReach, type LogReach } from "./log_lag.ts";
import { openRows, type OrderedRows, type Scope } from "./ordered_reads.ts";
import { auditPartition } from "./partition_audit.ts";
import { makeReport, type AuditedPartition, type AuditReport, type CountsState } from "./report.ts";
import { findUnplanned } from "./unplanned_objects.ts";

/** Everything that an audit needs; it reads nothing from the environment. */
export interface AuditOptions extends HourBounds, PositionsWanted {
  readonly database: DatabaseAddress;
  /** Null when the archive is switched off: its half is then left out. */
  readonly bucket: Bucket | null;
  /** Null to leave lag out. */
  readonly kafka: KafkaConnection | null;
  readonly progress: Progress;
  readonly nowMs: WallClock;
}

/**
 * Audits everything below the positions that it reads at its start.
 *
 * @throws {PipelineError} `database_unavailable`, `archive_unavailable`: there is no verdict.
 */
export async function runAudit(options: AuditOptions): Promise<AuditReport> {
  const started = { atMs: options.nowMs(), monotonicMs: performance.now() };
  const database = await connectDatabase(options.database);
  const bucket = options.bucket === null ? null : openBucket(options.bucket);
  const audit: Audit = { options, database, sql: database.sql, bucket, findings: new Findings() };
  try {
    return await Promise.race([auditAll(audit, started), database.broken]);
  } finally {
    bucket?.close();
    await database.close();
  }
}

/** When the audit began, on both clocks. */
interface Started {
  readonly atMs: WallMs;
  readonly monotonicMs: MonotonicMs;
}

async function auditAll(audit: Audit, started: Started): Promise<AuditReport> {
  const { options, database, sql, bucket, findings } = audit;
  await keepDuplicates(database.lock);
  const moment = await readMoment(audit);
  const reach = await readReachOf(options, moment.partitions);
  const losses = await ask("read the losses", readLosses(sql));
  const groups = await ask("read who is at work", readGroups(sql));
  const audited = await auditPartitions(audit, moment);
  const { counts } = moment;
  const objectsListed = bucket === null ? null : await listBucket(audit, bucket);
  const { fromMs, toMs } = options;
  const elapsedMs = performance.now() - started.monotonicMs;
  const run = { startedAtMs: started.atMs, elapsedMs, fromMs, toMs, objectsListed, counts };
  return makeReport({ run, audited, reach, losses, groups, findings });
}

/**
 * Keeps old duplicates from being cleaned up until the session ends: their number is read at the
 * start.
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

/** Positions, counts and rows of one moment, however much is written meanwhile. */
interface Moment {
  readonly partitions: readonly PartitionPositions[];
  /** The offsets to audit by `placeId`, in the order of the partitions. */
  readonly scopes: ReadonlyMap<string, Scope>;
  readonly rows: OrderedRows;
  readonly counts: CountsState;
}

/** Reads them in one snapshot, which ends with it: the cursor holds a copy of the rows. */
async function readMoment(audit: Audit): Promise<Moment> {
  const { rows: session } = audit.database;
  await ask("begin", session`begin isolation level repeatable read, read only`);
  const partitions = await readPositions(session, audit.options);
  const scopes = await scopesOf(audit, partitions);
  const counts = await checkCounts(audit);
  const step = audit.options.progress.step("sorting the rows");
  const rows = await openRows(session, [...scopes.values()]);
  await ask("sort the rows", session`commit`);
  step.done("one scan");
  return { partitions, scopes, rows, counts };
}

async function readReachOf(
  { kafka, partition }: AuditOptions,
  partitions: readonly PartitionPositions[],
): Promise<LogReach> {
  if (kafka === null || partitions.length === 0) return { watermarks: new Map(), notes: [] };
  return await readReach(kafka, partitions, partition === null);
}

async function auditPartitions(
  { options, sql, bucket, findings }: Audit,
  { partitions, scopes, rows }: Moment,
): Promise<AuditedPartition[]> {
  const context = { sql, bucket, findings, isWhole: !isBounded(options) };
  const { progress } = options;
  const offsets = [...scopes.values()].reduce((sum, scope) => sum + lengthOf(scope), 0);
  const step = progress.step("auditing", offsets);
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
        const text = `${positions.topic}, partition ${positions.partition}, ${(done + count).toLocaleString("en")} offsets`;
        step.show(done + count, text);
      };
      audited.push(await auditPartition(context, { positions, scope, rows, onEntry }));
      done += lengthOf(scope);
    }
  } finally {
    await rows.close();
  }
  step.done(`${offsets.toLocaleString("en")} offsets`);
  return audited;
}

async function scopesOf(
  { options, database, bucket }: Audit,
  partitions: readonly PartitionPositions[],
): Promise<ReadonlyMap<string, Scope>> {
  if (isBounded(options)) {
    const keyPrefix = bucket === null ? null : (options.bucket?.keyPrefix ?? null);
    return await boundedScopes(database.rows, partitions, { bounds: options, keyPrefix });
  }
  return new Map(
    partitions.map(({ log, partition, rows }) => [
      placeId(log, partition),
      { log, partition, firstOffset: 0n, nextOffset: rows?.nextOffset ?? 0n },
    ]),
  );
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

/** Differences that are listed, chosen: hours of a few days by type. */
const DIFFERENCES_MAX = 1000;

/** Compares the counts with the rows by hour of `ts` and type: sums over all partitions. */
async function checkCounts({ options, database, findings }: Audit): Promise<CountsState> {
  const { rows: sql } = database;
  if (options.topic !== null || options.partition !== null) return "left out";
  const { isComplete, rowsKeptFrom } = await ask("read the counts", readFill(sql));
  if (!isComplete) return "not filled";
  const step = options.progress.step("counting");
  const from = options.fromMs === null ? rowsKeptFrom : new Date(options.fromMs).toISOString();
  const to = options.toMs === null ? null : new Date(options.toMs).toISOString();
  const found = findDifferences(sql, { from, to }, DIFFERENCES_MAX);
  const differences = await ask("compare the counts with the rows", found);
  for (const each of differences) {
    const { hour, counted, rows } = each;
    const detail = `${hour}: ${counted} counted, ${rows} rows (${whatOf(each)})`;
    findings.add("counts_differ", { detail });
  }
  step.done(differences.length === 0 ? "equal to the rows" : "differ from the rows");
  return differences.length === 0 ? "equal" : "differ";
}

function whatOf({ what, event_type: type }: CountsDifference): string {
  if (what !== "type") return what;
  return type === "" ? "types without a number" : `type ${type}`;
}

function lengthOf({ firstOffset, nextOffset }: Scope): number {
  return Number(nextOffset - firstOffset);
}
