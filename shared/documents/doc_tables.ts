/**
 * The generated parts of the documents: the tables of options and metrics, and
 * `.env.example`. Pure: made from the rows of config.ts and metrics.ts.
 */
import { refusedProperties } from "../config/kafka_properties.ts";
import { fileVariableOf } from "../config/secret.ts";
import { OPTIONS, type Section } from "../config/sections.ts";
import { markdownTable } from "./markdown_table.ts";
import { METRICS, type MetricRow } from "../metrics.ts";
import type { Option } from "../config/option.ts";

/** Titles of the sections, in the order in which an event meets them. */
const SECTION_TITLES: Readonly<Record<Section, string>> = {
  kafka: "Kafka",
  http: "Both services",
  ingest: "Ingest",
  keys: "Keys of ingest",
  database: "PostgreSQL",
  processor: "Processor",
  archive: "Archive",
  stream: "Live stream",
  analytics: "Analytics",
  stack: "`bun run up`",
  commands: "Commands",
  log: "Log",
};

/** Every option, one table per section. */
export function configTable(): string {
  const columns = ["Variable", "Default", "Unit, range", "Meaning, and what it trades"];
  const tables = sections().map(([title, options]) => {
    const rows = options.map((option) => [
      variablesOf(option).map(code).join(", "),
      defaultText(option),
      option.range,
      option.help,
    ]);
    return `## ${title}\n\n${markdownTable(columns, rows)}`;
  });
  return tables.join("\n\n");
}

/** Properties of librdkafka that are refused at start: one row per reason. */
export function refusedTable(): string {
  const byReason = Map.groupBy(refusedProperties(), ([, reason]) => reason);
  const rows = [...byReason].map(([reason, properties]) => [
    properties.map(([name]) => code(name)).join(", "),
    reason,
  ]);
  return markdownTable(["Property", "Why it is refused"], rows);
}

/** Every metric of both services. */
export function metricsTable(): string {
  const rows = Object.entries<MetricRow>(METRICS).map(([name, { type, labels, help }]) => [
    code(name),
    type,
    labels.map(code).join(", "),
    help,
  ]);
  return markdownTable(["Metric", "Type", "Labels", "Meaning"], rows);
}

/** The whole file `.env.example`: every variable with its default, commented out. */
export function envExample(): string {
  const parts = sections().map(([title, options]) =>
    [`# --- ${title.replaceAll("`", "")} ---`, ...options.map(envLines)].join("\n\n"),
  );
  return `${[ENV_HEAD, ...parts].join("\n\n")}\n`;
}

const ENV_HEAD = `# Copy this file to .env and remove the # where a value should differ from its default.
# Bun and Docker Compose read .env automatically. Never commit it.
# A secret may stand in a file: the variable with _FILE at the end names it.`;

function envLines(option: Option<unknown>): string {
  const range = option.range.replaceAll("`", "");
  const lines = variablesOf(option).map(
    (variable) => `# ${variable}=${variable === option.env ? (option.default ?? "") : ""}`,
  );
  return [`# ${option.help.replaceAll("`", "")}`, `# (${range})`, ...lines].join("\n");
}

/** A secret has two: its own, and the one that names a file. */
function variablesOf({ env, secret, readAll }: Option<unknown>): readonly string[] {
  return secret && readAll === undefined ? [env, fileVariableOf(env)] : [env];
}

/**
 * Puts a generated text between its markers.
 *
 * @returns The new document, or null when it lacks the markers.
 */
export function replaceSection(document: string, name: string, text: string): string | null {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const start = document.indexOf(begin);
  const stop = document.indexOf(end, start);
  if (start === -1 || stop === -1) return null;
  const before = document.slice(0, start + begin.length);
  return `${before}\n\n${text}\n\n${document.slice(stop)}`;
}

/** The text between the markers of a document, or null without them. */
export function readSection(document: string, name: string): string | null {
  const found = document.split(`<!-- ${name}:begin -->`)[1]?.split(`<!-- ${name}:end -->`);
  return found?.length === 2 ? (found[0] ?? "").trim() : null;
}

function sections(): [string, readonly Option<unknown>[]][] {
  return Object.entries(SECTION_TITLES).map(([section, title]) => [
    title,
    Object.values<Option<unknown>>(OPTIONS[section as Section]),
  ]);
}

function defaultText({ default: written }: Option<unknown>): string {
  if (written === null) return "not set";
  return written === "" ? "empty" : code(written.replaceAll(",", ", "));
}

function code(text: string): string {
  return `\`${text}\``;
}
