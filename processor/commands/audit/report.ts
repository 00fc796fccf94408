/** The report of an audit, as `--json` writes it. Pure. */
import { addLine, emptyLine, type Ledger, type LedgerHour, type LedgerLine } from "./ledger.ts";
import { placeId, type PartitionPositions } from "./audited_positions.ts";
import { offsetsOf, type Findings, type FoundKind } from "./findings.ts";
import type { LogReach } from "./log_lag.ts";
import type { GroupsAtWork } from "../../upkeep/other_groups.ts";
import { describeLoss, type Loss } from "../losses.ts";

/** A partition that was audited. */
export interface AuditedPartition {
  readonly positions: PartitionPositions;
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
  readonly ledger: Ledger;
}

/** Whether the counts are the rows; `not filled` while older rows are not counted yet. */
export type CountsState = "equal" | "differ" | "not filled" | "left out";

/** One partition in the report; offsets as text, as they don't fit a number. */
export interface PartitionReport {
  readonly log: number;
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** Audited from here on ... */
  readonly firstOffset: string;
  /** ... up to before here. */
  readonly nextOffset: string;
  /** The archive's position, or null when it has none. */
  readonly archivedTo: string | null;
  readonly highWatermark: string | null;
  /** Records that were not written to rows yet, or null when unknown. */
  readonly lagRecords: number | null;
  readonly ledger: LedgerLine;
  readonly hours: readonly LedgerHour[];
}

export interface AuditReport {
  /** Whether no problem was found. */
  readonly isClean: boolean;
  readonly startedAt: string;
  readonly elapsedMs: number;
  readonly from: string | null;
  readonly to: string | null;
  /** False when the archive is switched off. */
  readonly isArchiveAudited: boolean;
  /** Objects that were listed, or null when nothing was listed. */
  readonly objectsListed: number | null;
  readonly counts: CountsState;
  readonly total: LedgerLine;
  /** Sums of all partitions. */
  readonly hours: readonly LedgerHour[];
  readonly partitions: readonly PartitionReport[];
  readonly problems: readonly FoundKind[];
  /** The group prefixes of the processors that work on each log now: more than one is a mistake. */
  readonly groups: readonly GroupsAtWork[];
  /** Remarks that are no problems. */
  readonly notes: readonly string[];
}

/** The parts of a report. */
export interface ReportInput {
  readonly run: {
    readonly startedAtMs: number;
    readonly elapsedMs: number;
    readonly fromMs: number | null;
    readonly toMs: number | null;
    readonly objectsListed: number | null;
    readonly counts: CountsState;
  };
  readonly audited: readonly AuditedPartition[];
  readonly reach: LogReach;
  readonly losses: readonly Loss[];
  readonly groups: readonly GroupsAtWork[];
  readonly findings: Findings;
}

/** Makes the report. */
export function makeReport(input: ReportInput): AuditReport {
  const { run, audited, reach, losses, groups, findings } = input;
  const partitions = audited.map((each) => partitionReport(each, reach));
  findLosses(findings, { losses, reach, audited });
  const problems = findings.list();
  const total = emptyLine();
  for (const { ledger } of partitions) addLine(total, ledger);
  const isArchiveAudited = run.objectsListed !== null;
  return {
    isClean: problems.length === 0,
    startedAt: timeText(run.startedAtMs) ?? "",
    elapsedMs: run.elapsedMs,
    from: timeText(run.fromMs),
    to: timeText(run.toMs),
    isArchiveAudited,
    objectsListed: run.objectsListed,
    counts: run.counts,
    total,
    hours: sumHours(partitions),
    partitions,
    problems,
    groups,
    notes: [
      ...losses.flatMap(lossNotes),
      ...COUNTS_NOTES[run.counts],
      ...(isArchiveAudited ? [] : ["The archive is switched off (S3_ENABLED=false) and left out"]),
      ...groups.flatMap(groupNotes),
      ...reach.notes,
      ...audited.flatMap((each) => notesOf(each, reach)),
    ],
  };
}

const COUNTS_NOTES: Readonly<Record<CountsState, readonly string[]>> = {
  equal: [],
  differ: [
    '"bun run counts rebuild --from HOUR --to HOUR" makes counts equal to the rows again; everything may run meanwhile',
  ],
  "not filled": [
    "The counts are left out: a processor still counts the rows from before the upgrade",
  ],
  "left out": ["The counts are left out: they are over all partitions"],
};

/** Adds losses that are not acknowledged, and those that no processor has recorded yet. */
function findLosses(
  findings: Findings,
  { losses, reach, audited }: Pick<ReportInput, "losses" | "reach" | "audited">,
): void {
  const known = new Map(
    audited.map(({ positions }) => [placeId(positions.log, positions.partition), positions]),
  );
  for (const { logNumber: log, partition, firstOffset, lastOffset, ...loss } of losses) {
    if (loss.acknowledged !== null || !known.has(placeId(log, partition))) continue;
    const place = { log, topic: loss.topic, partition };
    const detail = `found at ${loss.foundAt}`;
    findings.add(
      "lost_records",
      { ...place, ...offsetsOf(firstOffset, lastOffset), detail },
      loss.records,
    );
  }
  for (const [id, { log, topic, partition, rows }] of known) {
    const low = reach.watermarks.get(id)?.low;
    if (low === undefined || rows === null || low <= rows.nextOffset) continue;
    const offsets = offsetsOf(rows.nextOffset, low - 1n);
    const detail = "no processor has come to them yet";
    findings.add(
      "lost_records",
      { log, topic, partition, ...offsets, detail },
      Number(low - rows.nextOffset),
    );
  }
}

function partitionReport(
  { positions, firstOffset, nextOffset, ledger }: AuditedPartition,
  { watermarks }: LogReach,
): PartitionReport {
  const { log, topic, topicId, partition, rows, archive } = positions;
  const high = watermarks.get(placeId(log, partition))?.high;
  const lag = high === undefined || rows === null ? null : Number(high - rows.nextOffset);
  return {
    log,
    topic,
    topicId,
    partition,
    firstOffset: String(firstOffset),
    nextOffset: String(nextOffset),
    archivedTo: archive === null ? null : String(archive.nextOffset),
    highWatermark: high === undefined ? null : String(high),
    lagRecords: lag === null ? null : Math.max(0, lag),
    ledger: ledger.total(),
    hours: ledger.hours(),
  };
}

function sumHours(partitions: readonly PartitionReport[]): LedgerHour[] {
  const sums = new Map<string | null, LedgerLine>();
  for (const { hour, ...line } of partitions.flatMap(({ hours }) => hours)) {
    const sum = sums.get(hour) ?? emptyLine();
    sums.set(hour, sum);
    addLine(sum, line);
  }
  return [...sums]
    .toSorted(([left], [right]) => ((left ?? "") < (right ?? "") ? -1 : 1))
    .map(([hour, line]) => ({ hour, ...line }));
}

function notesOf({ positions, ledger }: AuditedPartition, { watermarks }: LogReach): string[] {
  const { log, topic, partition, rows, archive } = positions;
  const name = `Partition ${partition} of ${topic} (log ${log})`;
  const { gaps, beforeArchive } = ledger.total();
  const notes: string[] = [];
  if (rows?.stopped) notes.push(`${name}: the rows are stopped: ${rows.stopped}`);
  if (archive?.stopped) notes.push(`${name}: the archive is stopped: ${archive.stopped}`);
  if (gaps > 0) {
    notes.push(
      `${name}: ${gaps} offsets have no record to read: transaction markers, aborted or compacted records (gaps)`,
    );
  }
  if (beforeArchive > 0) {
    notes.push(`${name}: ${beforeArchive} rows are older than the archive and have no line`);
  }
  const reach = watermarks.get(placeId(log, partition));
  if (reach === undefined || rows === null) return notes;
  if (reach.high < rows.nextOffset) {
    notes.push(`${name}: the log ends at ${reach.high}, below the position ${rows.nextOffset}`);
  }
  return notes;
}

/** What is not acknowledged is a problem, and no note. */
function lossNotes(loss: Loss): string[] {
  if (loss.acknowledged === null) return [];
  const { at, by, note } = loss.acknowledged;
  return [
    `Lost: ${describeLoss(loss)}; acknowledged by ${by} at ${at}${note === null ? "" : ` (${note})`}`,
  ];
}

/** Rows and lines are right all the same: the fence keeps them so. */
function groupNotes({ topic, log, groups }: GroupsAtWork): string[] {
  if (groups.length < 2) return [];
  const names = groups.join(", ");
  return [
    `Processors of ${groups.length} groups (${names}) work on ${topic} (log ${log}) and these tables: every record is processed once for each. Give all the same PROCESSOR_GROUP_PREFIX`,
  ];
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
