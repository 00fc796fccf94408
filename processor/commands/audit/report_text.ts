/** The report of an audit as text: tables, sums, notes, problems and verdict. Pure. */
import { tableText } from "@tally/shared/terminal/table";

import type { LedgerLine } from "./ledger.ts";
import type { AuditReport, PartitionReport } from "./report.ts";
import type { FoundKind, Problem } from "./findings.ts";

/** The report as text. */
export function auditText(report: AuditReport): string {
  const parts = [
    partitionTable(report),
    hourTable(report),
    sums(report),
    report.notes.map((note) => `Note: ${note}.`).join("\n"),
    verdict(report),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

type Cells = readonly string[];

function partitionTable({ partitions, total, isArchiveAudited }: AuditReport): string {
  if (partitions.length === 0) return "";
  const names = ["Partition", "From", "To", ...ledgerNames(isArchiveAudited), "Lag"];
  const rows = partitions.map((each) => [
    partitionName(each, partitions),
    each.firstOffset,
    each.nextOffset,
    ...ledgerCells(each.ledger, isArchiveAudited),
    each.lagRecords === null ? "-" : whole(each.lagRecords),
  ]);
  const last = ["all", "", "", ...ledgerCells(total, isArchiveAudited), ""];
  return table(names, [...rows, last]);
}

/** Names the log only when a topic has several: its generations. */
function partitionName(
  { topic, log, partition }: PartitionReport,
  partitions: readonly PartitionReport[],
): string {
  const hasOthers = partitions.some((other) => other.log !== log);
  return hasOthers ? `${topic} (log ${log}) ${partition}` : `${topic} ${partition}`;
}

/** Hours that are printed, chosen: two days. The report as a file has all of them by partition. */
const HOURS_SHOWN_MAX = 48;

function hourTable({ hours, isArchiveAudited }: AuditReport): string {
  if (hours.length === 0) return "";
  const shown = hours.slice(-HOURS_SHOWN_MAX);
  const rows = shown.map(({ hour, ...line }) => [
    hour === null ? "-" : `${hour.replace("T", " ")}:00`,
    ...ledgerCells(line, isArchiveAudited),
  ]);
  const hidden = hours.length - shown.length;
  const note = hidden === 0 ? "" : `\n${hidden} earlier hours are in the report of --json.`;
  return `${table(["Received in (UTC)", ...ledgerNames(isArchiveAudited)], rows)}${note}`;
}

const ROW_COLUMNS: readonly (readonly [keyof LedgerLine, string])[] = [
  ["inLog", "In log"],
  ["rows", "Rows"],
  ["duplicates", "Duplicates"],
  ["deadLetters", "Dead letters"],
  ["gaps", "Gaps"],
  ["lost", "Lost"],
  ["missing", "Missing"],
];
const ARCHIVE_COLUMNS: readonly (readonly [keyof LedgerLine, string])[] = [
  ["lines", "Lines"],
  ["unarchived", "Not archived"],
];

function columns(isArchiveAudited: boolean) {
  return isArchiveAudited ? [...ROW_COLUMNS, ...ARCHIVE_COLUMNS] : ROW_COLUMNS;
}

function ledgerNames(isArchiveAudited: boolean): Cells {
  return columns(isArchiveAudited).map(([, name]) => name);
}

function ledgerCells(line: LedgerLine, isArchiveAudited: boolean): Cells {
  return columns(isArchiveAudited).map(([name]) => whole(line[name]));
}

/** The ledger as equations that must hold. */
function sums({ total, isArchiveAudited, objectsListed, counts }: AuditReport): string {
  const others = `${whole(total.duplicates)} duplicates + ${whole(total.deadLetters)} dead letters + ${whole(total.gaps)} in gaps + ${whole(total.lost)} lost`;
  const lines = [`In log ${whole(total.inLog)} = ${whole(total.rows)} rows + ${others}`];
  if (isArchiveAudited) {
    const older = total.beforeArchive === 0 ? "" : ` + ${whole(total.beforeArchive)} older rows`;
    lines.push(
      `In log ${whole(total.inLog)} = ${whole(total.lines)} archive lines + ${whole(total.unarchived)} rows not archived yet${older} + ${others}`,
      `${whole(objectsListed ?? 0)} objects in the bucket`,
    );
  }
  if (counts === "equal") lines.push("Counts = rows, by hour and type");
  return lines.join("\n");
}

function verdict({ isClean, problems, partitions, elapsedMs, ...report }: AuditReport): string {
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
  if (!isClean) {
    const found = problems.map((each) => problemText(each)).join("\n");
    return `The audit found problems (${seconds}):\n${found}`;
  }
  if (partitions.length === 0) return "There is nothing to audit: no position lies in the bounds.";
  const archived = report.isArchiveAudited ? ", and what is archived is exactly the rows" : "";
  return `Clean (${seconds}): every offset is accounted for once${archived}.`;
}

function problemText({ title, total, examples }: FoundKind): string {
  const lines = examples.map((example) => `    ${exampleText(example)}`);
  const head = `  ${whole(total)} ${title}`;
  const isMore = examples.length < total && examples.length > 1;
  return [head, ...lines, ...(isMore ? ["    ..."] : [])].join("\n");
}

function exampleText(problem: Problem): string {
  const { topic, log, partition, offset, lastOffset, eventId, key, detail } = problem;
  const range =
    lastOffset === undefined ? `offset ${offset}` : `offsets ${offset} to ${lastOffset}`;
  const parts = [
    partition === undefined ? "" : `partition ${partition}`,
    topic === undefined ? "" : `of ${topic} (log ${log})`,
    offset === undefined ? "" : range,
    eventId === undefined ? "" : `event ${eventId}`,
    key ?? "",
  ];
  const place = parts.filter((part) => part !== "").join(" ");
  return [place, detail ?? ""].filter((part) => part !== "").join(": ");
}

/** Numbers are aligned to the right: a longer one is then a larger one. */
function table(head: Cells, rows: readonly Cells[]): string {
  const right = head.map((_, index) => index).slice(1);
  return tableText(rows, { head, right }).trimEnd();
}

function whole(value: number): string {
  return value.toLocaleString("en");
}
