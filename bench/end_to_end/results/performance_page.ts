/** The text of `docs/performance.md`, made from the last full run. Pure. */
import { markdownTable } from "@tally/shared/markdown_table";

import type { Family } from "../figure.ts";
import { COUNTS_TEXT } from "./counts_text.ts";
import { QUESTIONS_TEXT } from "./questions_text.ts";
import { LIMITS_TEXT } from "./limits_text.ts";
import { PEERS_TEXT } from "./peers_text.ts";
import { ratioText, targetText, valueText } from "./numbers_text.ts";
import type { BenchResult } from "./result.ts";
import { microText } from "./result_text.ts";
import { judgeFigures, type JudgedFigure } from "./verdict.ts";

/** Figures that the README quotes. */
const QUOTED = [
  "singles",
  "singles-p99",
  "batches",
  "drain-rows",
  "drain-archive",
  "sustained",
  "fixed-p99",
  "row-p50",
  "row-p99",
  "frame-p99",
] as const;

/** The runs that the page is made from. */
export interface QuotedRuns {
  /** The last full run, or null when there is none yet. */
  readonly full: BenchResult | null;
  /** The last run of the growth curves, or null when there is none yet. */
  readonly growth: BenchResult | null;
}

/** The whole page. */
export function performancePage(families: readonly Family[], { full, growth }: QuotedRuns): string {
  const parts = [
    "# Performance",
    INTRODUCTION,
    ...(full === null
      ? [section("numbers", "There was no full run yet.")]
      : resultParts(families, full)),
    ...(growth === null ? [] : growthParts(families, growth)),
    PEERS_TEXT,
    LIMITS_TEXT,
    COUNTS_TEXT,
    QUESTIONS_TEXT,
    HOW,
  ];
  return `${parts.join("\n\n")}\n`;
}

function resultParts(families: readonly Family[], result: BenchResult): string[] {
  const judged = judgeFigures(families, result.families);
  return [
    section("numbers", summary(judged, result)),
    "## All figures",
    ...families.flatMap((family) => familyParts(family, { judged, result })),
    ...(result.micro.length === 0 ? [] : ["## The hot pure paths", microTable(result)]),
  ];
}

function growthParts(families: readonly Family[], result: BenchResult): string[] {
  const judged = judgeFigures(families, result.families);
  return [
    "## Cost as it grows",
    `One run of \`bun run bench growth\`. ${whereText(result)}`,
    ...families.flatMap((family) => familyParts(family, { judged, result })),
  ];
}

/** Puts a text between markers, so that `bun run doc` can copy it into the README. */
function section(name: string, text: string): string {
  return `<!-- ${name}:begin -->\n\n${text}\n\n<!-- ${name}:end -->`;
}

/** The table that the README shows as well. */
function summary(judged: readonly JudgedFigure[], result: BenchResult): string {
  const rows = QUOTED.flatMap((name) => judged.filter(({ figure }) => figure.name === name)).map(
    ({ figure, value, ratio }) => [
      figure.title,
      valueText(value, figure.unit),
      ratio === null ? "" : `${ratioText(ratio)} of ${figure.limit?.figure}`,
    ],
  );
  const table = markdownTable(["What", "Measured", "Of what the machine can do"], rows, "right");
  return `${table}\n\n${whereText(result)}`;
}

function whereText({ machine, versions, startedAt }: BenchResult): string {
  const memory = Math.round(machine.memoryBytes / 2 ** 30);
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${startedAt.slice(0, 10)}, ${software.join(", ")}: ${machine.cores} cores (${machine.model}), ${memory} GiB, ${machine.kernel}; load, Kafka, PostgreSQL, S3 server and services all on this machine.`;
}

function familyParts(
  family: Family,
  { judged, result }: { judged: readonly JudgedFigure[]; result: BenchResult },
): string[] {
  const found = result.families.find(({ name }) => name === family.name);
  if (found === undefined) return [];
  const rows = judged
    .filter((each) => each.family === family.name)
    // A figure that is newer than the result is not in its table.
    .filter(({ figure }) => found.rounds.some(({ values }) => figure.name in values))
    .map(({ figure, value, ratio, verdict }) => [
      figure.title,
      valueText(value, figure.unit),
      found.rounds.map(({ values }) => roundText(values[figure.name])).join(", "),
      targetText(figure),
      figure.limit === null ? "" : `${ratioText(ratio)} of ${figure.limit.figure}`,
      ratioText(figure.limit?.ratioMin ?? null),
      verdict,
    ]);
  if (rows.length === 0) return [];
  const sizes = Object.entries(found.rounds[0]?.sizes ?? {})
    .map(([name, value]) => `${name} ${value.toLocaleString("en")}`)
    .join(", ");
  return [
    `### \`${family.name}\`: ${family.title}`,
    markdownTable(
      ["Figure", "Median", "Rounds", "Target", "Ratio", "Wanted", "Verdict"],
      rows,
      "right",
    ),
    `With: ${sizes}.`,
  ];
}

function roundText(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "-";
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });
}

function microTable({ micro }: BenchResult): string {
  const rows = micro.map(({ name, averageNs, p50Ns, p99Ns }) => [
    name,
    microText(averageNs),
    microText(p50Ns),
    microText(p99Ns),
  ]);
  return markdownTable(["One call", "Mean", "p50", "p99"], rows, "right");
}

const INTRODUCTION = `This page is generated from the last full result in [bench/results/](../bench/results). \`bun run bench\` writes it after a full run,
\`bun run doc\` writes it again; changes made by hand are lost. To measure your own machine:

\`\`\`sh
npx -y bun@1.4.5 run bench --quick
\`\`\``;

const HOW = `## How it is measured

- \`bun run bench\` starts its own Kafka, PostgreSQL and S3 server as \`up\` does, PostgreSQL with settings that follow the memory
  of the machine. Each round gets its own topic, database and services. All options
  are the defaults, except that an archive object closes after 2 s instead of a minute, so that a round ends soon; above 3,000 events a
  second an object is full before that. The load is sent by a separate process. Each figure is the median of three rounds; \`--quick\` takes
  one short round. The servers are warmed up first by records and a drain: a cold broker takes a third less, and a cold S3 server costs
  twice as much.
- A figure counts only when the accepted, stored and archived events are the same ones, compared event by event in the database and in
  the bucket. Otherwise the report says "not reconciled" and the exit code is 1.
- A ratio compares a figure with what this machine did in the same run without Tally: \`Bun.serve\` that only answers; the Kafka client
  alone, with the settings of ingest or of the processor and the same records; PostgreSQL's own \`COPY\` of the same rows, from a file of
  the server into a table with the same indexes. Where a figure has a ratio, the ratio decides the verdict, because machines differ.
- A drain is measured from the first rows seen to the last. With the archive it ends at the last full object; the rest, fewer than
  1,000 lines per partition, waits for its age. CPU is user and system time of all threads of the process.
- Batches are accepted while nothing reads from Kafka; the rows follow when the time has been taken. For all other figures over HTTP
  every service is running.
- Accept → row is measured by the processor when PostgreSQL has answered the commit. Every row counts; the value is the upper bound of a
  bucket that is 15 % wide. Accept → frame runs from the arrival of the 202 to the first frame whose totals include the event.
- Viewers: the same load without and with them, six times in a round, in changing order. Each of these pairs gives one ratio of the two p99;
  the median is judged, and the least and the most show how much the machine's noise is. \`verify\` judges no such ratio.
- \`bun run bench compare BEFORE.json AFTER.json\` reports a change only when it is larger than the noise of the rounds.`;
