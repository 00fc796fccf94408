/** The report of a load test: numbers, verdict and exit code from a result. Pure. */
import type { ExitCode } from "@tally/shared/terminal/command_line";
import { tableText } from "@tally/shared/terminal/table";
import { eventIdOf, type RunIds } from "./event.ts";
import type { Counted, LoadResult } from "./run.ts";
import { isWhole, type Reconciliation } from "./reconcile.ts";

/** The report of one run. */
export interface LoadReport {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** Makes the report. */
export function reportLoad(result: LoadResult): LoadReport {
  const { ledger, measured, counted } = result;
  if (ledger.sent === 0) {
    return { text: `Nothing could be sent.\n${tableText(answerRows(result), RIGHT)}`, exitCode: 2 };
  }
  const seconds = measured.elapsedMs / 1000;
  const perSecond = whole(ledger.sent / seconds);
  const rows: Row[] = [
    ["Sent", ledger.sent, `in ${seconds.toFixed(1)} s (${perSecond}/s), ${shapeOf(result)}`],
    ["Accepted", ledger.count("accepted"), ""],
    ["Rejected", ledger.count("rejected"), ""],
    ["Unknown", ledger.count("unknown"), "5xx, timeouts, broken connections"],
    ...(counted === null ? [] : countedRows(counted)),
  ];
  const cells = rows.map(([name, value, note]) => [
    name,
    typeof value === "number" ? whole(value) : value,
    note,
  ]);
  const table = tableText([...cells, ...latencyRows(result), ...answerRows(result)], RIGHT);
  const faults = faultLines(result);
  const places = counted?.archived === null ? "stored" : "stored and archived";
  const verdict =
    faults.length === 0
      ? [`Every event that was sent is ${places} exactly once.`]
      : ["The numbers differ:", ...faults.map((fault) => `  ${fault}`)];
  return {
    text: [table, ...verdict, ""].join("\n"),
    exitCode: ledger.count("accepted") === 0 ? 2 : faults.length === 0 ? 0 : 1,
  };
}

type Row = [name: string, value: number | string, note: string];

/** The second column holds the numbers. */
const RIGHT = { right: [1] };

function countedRows(counted: Counted): Row[] {
  const { stored, archived, objects, reconciliation } = counted;
  return [
    ["Stored", stored.distinct, `in the database${after(counted.storedAfterMs)}`],
    archived === null
      ? ["Archived", "-", "not counted"]
      : [
          "Archived",
          archived.distinct,
          `in ${whole(objects)} objects${after(counted.archivedAfterMs)}`,
        ],
    ["Twice", reconciliation.twice, "rows and archive lines"],
  ];
}

const FAULTS: readonly [keyof Reconciliation, string][] = [
  ["lostRows", "accepted events have no row"],
  ["unpromisedRows", "rows belong to events that were rejected or never sent"],
  ["lostLines", "rows have no archive line"],
  ["unstoredLines", "archive lines belong to events without a row"],
  ["twice", "rows or archive lines exist more than once"],
  ["strange", "ids look like ids of this run but are not"],
];

/** Everything that keeps the numbers from agreeing, or an empty list when they agree. */
function faultLines(result: LoadResult): string[] {
  const { ledger, counted, ids, options } = result;
  if (counted === null) return [`Nothing could be counted: ${result.countProblem}`];
  const lines = differenceLines(counted.reconciliation, ids);
  const unknown = ledger.count("unknown");
  if (unknown > 0)
    lines.push(`${whole(unknown)} events had no answer, or a 5xx: some may be stored`);
  const rejected = ledger.count("rejected");
  if (rejected > 0) lines.push(`${whole(rejected)} events were rejected`);
  const unsent = Math.max(0, options.eventsPerSecond * options.seconds - ledger.sent);
  if (unsent > 0) lines.push(`${whole(unsent)} events were not sent: the service was too slow`);
  return lines;
}

/** The differences between the events of a run, their rows and their lines. */
export function differenceLines(reconciliation: Reconciliation, ids: RunIds): string[] {
  const lines = FAULTS.filter(([kind]) => reconciliation[kind] !== 0).map(
    ([kind, text]) => `${whole(Number(reconciliation[kind]))} ${text}`,
  );
  if (!isWhole(reconciliation) && reconciliation.examples.length > 0) {
    lines.push(`for example ${reconciliation.examples.map((n) => eventIdOf(ids, n)).join(", ")}`);
  }
  return lines;
}

function latencyRows({ measured: { latencyUs }, options }: LoadResult): string[][] {
  if (latencyUs.totalCount === 0) return [];
  const ms = (us: number) => `${(us / 1000).toFixed(us < 100_000 ? 1 : 0)} ms`;
  const parts = [50, 90, 99, 99.9].map(
    (percent) => `p${percent} ${ms(latencyUs.getValueAtPercentile(percent))}`,
  );
  const from = options.eventsPerSecond === 0 ? "sending" : "the intended time of sending";
  const note = `${parts.join("  ")}  max ${ms(latencyUs.maxValue)} (per request, from ${from})`;
  return [["Latency", "", note]];
}

/** Answers other than 202, the most frequent first. */
function answerRows({ measured }: LoadResult): string[][] {
  return [...measured.answers]
    .filter(([text]) => text !== "202")
    .toSorted(([, left], [, right]) => right - left)
    .map(([text, times]) => ["Answers", whole(times), text]);
}

function shapeOf({ options }: LoadResult): string {
  const rate = options.eventsPerSecond === 0 ? "as fast as possible" : "at a fixed rate";
  const batch = options.batchEvents === 1 ? "1 event" : `${whole(options.batchEvents)} events`;
  return `${batch} per request, ${options.connections} connections, ${rate}`;
}

function after(ms: number | null): string {
  return ms === null ? "" : `, all seen ${(ms / 1000).toFixed(1)} s after the last answer`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
