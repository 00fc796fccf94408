/** What `bench/README.md` says, from the last full run. Pure. */
import type { Family } from "../figure.ts";
import { LIMITS_TEXT } from "./limits_text.ts";
import { markdownTable, ratioText, targetText, valueText } from "./numbers_text.ts";
import type { BenchResult } from "./result.ts";
import { microText } from "./result_text.ts";
import { judgeFigures, type JudgedFigure } from "./verdict.ts";

/** Figures that the README of the repository quotes. */
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

/** What the text is made from. */
export interface QuotedRuns {
  /** The last full run; null: there is none yet. */
  readonly full: BenchResult | null;
  /** The last run of the curves. */
  readonly growth: BenchResult | null;
}

/** The whole text. */
export function readmeText(families: readonly Family[], { full, growth }: QuotedRuns): string {
  const parts = [
    "# Numbers we stand by",
    "Written by `bun run bench` after a full run, and by `bun run doc`; changes by hand are lost.",
    ...(full === null
      ? [section("numbers", "There was no full run yet.")]
      : resultParts(families, full)),
    ...(growth === null ? [] : growthParts(families, growth)),
    LIMITS_TEXT,
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

/** Between markers, so that the repository's README can take it over. */
function section(name: string, text: string): string {
  return `<!-- ${name}:begin -->\n\n${text}\n\n<!-- ${name}:end -->`;
}

/** What the README of the repository shows. */
function summary(judged: readonly JudgedFigure[], result: BenchResult): string {
  const rows = QUOTED.flatMap((name) => judged.filter(({ figure }) => figure.name === name)).map(
    ({ figure, value, ratio }) => [
      figure.title,
      valueText(value, figure.unit),
      ratio === null ? "" : `${ratioText(ratio)} of ${figure.limit?.figure}`,
    ],
  );
  const table = markdownTable(["What", "Measured", "Of what the machine can do"], rows);
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
    .map(({ figure, value, ratio, verdict }) => [
      figure.title,
      valueText(value, figure.unit),
      found.rounds.map(({ values }) => roundText(values[figure.name])).join(", "),
      targetText(figure),
      figure.limit === null ? "" : `${ratioText(ratio)} of ${figure.limit.figure}`,
      ratioText(figure.limit?.ratioMin ?? null),
      verdict,
    ]);
  const sizes = Object.entries(found.rounds[0]?.sizes ?? {})
    .map(([name, value]) => `${name} ${value.toLocaleString("en")}`)
    .join(", ");
  return [
    `### \`${family.name}\`: ${family.title}`,
    markdownTable(["Figure", "Median", "Rounds", "Target", "Ratio", "Wanted", "Verdict"], rows),
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
  return markdownTable(["One call", "Mean", "p50", "p99"], rows);
}

const HOW = `## How it is measured

- \`bun run bench\` starts Kafka, PostgreSQL and an S3 server for itself, and for each round a topic, a database and services of
  its own. Settings are the defaults but for one: an archive object closes after 2 s instead of a minute, so that a round has
  its end; above 3,000 events a second it is full before. The load is a process of its own. Three rounds, medians; \`--quick\` takes one short round.
  The servers are warmed up first by records and a drain: a cold broker takes a third less, a cold S3 server costs twice as much.
- A figure counts only when accepted, stored and archived are the same events, compared event by event in the database and
  in the bucket. Where they are not, it says "not reconciled", and the exit code is 1.
- Ratios compare with what this machine did in the same run: \`Bun.serve\` that only answers; the Kafka client alone, with
  ingest's and the processor's settings and the same records; PostgreSQL's own \`COPY\` of the same rows from a file of the
  server into a table with the same indexes. Where there is a ratio it decides, as machines differ.
- A drain is measured from the first rows seen to the last, and with the archive to the last full object (the rest, below
  1,000 lines a partition, waits for its age). CPU is user and system time of all threads of the process.
- Batches are accepted with nothing behind Kafka running; the rows follow when the time is taken. All other figures over HTTP
  have every service at work.
- Accept → row is what the processor measures when PostgreSQL has answered the commit, every row, in buckets of 15 %, upper
  bound. Accept → frame counts from the arrival of the 202 to the first frame whose totals have the event.
- \`bun run bench compare BEFORE.json AFTER.json\` calls a change what is above the noise of the rounds.`;
