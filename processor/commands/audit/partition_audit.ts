/**
 * The audit of one partition: every offset is accounted for, rows are compared
 * with archive lines, and counters with what was found.
 */
import type { Database } from "@tally/shared/database";
import type { BucketReader } from "../../archive/bucket.ts";
import { ArchiveCheck } from "./archive_check.ts";
import { beginOf, beginOfRows, type PartitionPositions } from "./audited_positions.ts";
import { archiveDifferences, rowDifferences } from "./counters.ts";
import { mergeByOffset } from "./entries.ts";
import type { Findings } from "./findings.ts";
import { Ledger } from "./ledger.ts";
import { OffsetAccount } from "./offset_account.ts";
import {
  readDeadLetters,
  readDuplicates,
  readGaps,
  readRanges,
  type OrderedRows,
  type Scope,
} from "./ordered_reads.ts";
import type { AuditedPartition } from "./report.ts";

/** What the audits of all partitions share. */
export interface PartitionContext {
  readonly sql: Database;
  /** Null when the archive is switched off. */
  readonly bucket: BucketReader | null;
  readonly findings: Findings;
  /** Whether the whole partition is audited, not only some hours of it. */
  readonly isWhole: boolean;
}

/** One partition to audit. */
export interface PartitionAudit {
  readonly positions: PartitionPositions;
  readonly scope: Scope;
  readonly rows: OrderedRows;
  /** Called with the number of entries that are accounted for, now and then. */
  onEntry(count: number): void;
}

/** Entries between two calls of `onEntry`. */
const SHOW_ENTRIES = 1_000;

/** Audits one partition; what is wrong goes into the findings. */
export async function auditPartition(
  context: PartitionContext,
  partition: PartitionAudit,
): Promise<AuditedPartition> {
  const { sql, findings, isWhole } = context;
  const { positions, scope, rows, onEntry } = partition;
  const { log, topic } = positions;
  const begin = positions.rows === null ? null : beginOfRows(positions.rows);
  const ledger = new Ledger();
  const account = new OffsetAccount({
    place: { log, topic, partition: positions.partition },
    firstOffset: isWhole ? begin : scope.firstOffset,
    nextOffset: scope.nextOffset,
    pruned: {
      to: positions.rows?.prunedTo ?? 0n,
      duplicates: isWhole ? (positions.rows?.prunedDuplicates ?? 0) : null,
    },
    ledger,
    findings,
  });
  const archive = await archiveCheck(context, partition, ledger);
  const entries = mergeByOffset([
    rows.of(scope),
    readDuplicates(sql, scope),
    readDeadLetters(sql, scope),
    readGaps(sql, scope, "gap"),
    readGaps(sql, scope, "lost"),
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
  if (isWhole) compareCounters(findings, positions, { ledger, archive });
  const firstOffset = account.firstOffset ?? scope.nextOffset;
  return { positions, firstOffset, nextOffset: scope.nextOffset, ledger };
}

/** The archive's half of a partition, or null when the archive is switched off. */
async function archiveCheck(
  { sql, bucket, findings, isWhole }: PartitionContext,
  { positions, scope }: PartitionAudit,
  ledger: Ledger,
): Promise<ArchiveCheck | null> {
  const { log, topic, partition, archive } = positions;
  if (bucket === null) return null;
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
  findings: Findings,
  positions: PartitionPositions,
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
