/** The command line of `bun run query`: its options become the body of a query. Pure. */
import { parseJson } from "@tally/shared";
import {
  readCommandLine,
  type Answer,
  type BareCommand,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
import {
  fileName,
  oneOf,
  parsedValue,
  serviceUrl,
  wholeNumber,
} from "@tally/shared/terminal/option_values";
import { GRAINS } from "../../queries/asked/names.ts";

/** How an answer is printed. */
export type Form = "table" | "json" | "csv";

/** What to ask, and how to print the answer. */
export interface QueryRequest {
  /** The body of the query, or the file that holds it. */
  readonly question:
    | { readonly kind: "body"; readonly body: QueryBody }
    | { readonly kind: "file"; readonly path: string };
  readonly form: Form;
  /** Address of the processor without a path, or null for the one in the configuration. */
  readonly url: string | null;
}

/** The fields that options make. */
export interface QueryBody {
  readonly metrics: readonly string[];
  readonly date_range: string | readonly string[];
  readonly dimensions: readonly string[];
  readonly filters: readonly unknown[];
  readonly timezone: string;
  readonly include: object;
  readonly pagination: { readonly limit: number };
}

const LIMIT = { min: 1, max: 10_000 };
const LIMIT_DEFAULT = 1000;
/** An answer that is grouped by time alone has at most this many rows: all of them are shown. */
const TIME_LIMIT_DEFAULT = LIMIT.max;
const LIMIT_HELP = `rows to show (default: ${LIMIT_DEFAULT}, with --every and no --by ${TIME_LIMIT_DEFAULT})`;

/** Reads the words of the command line. */
export function parseQueryArguments(words: readonly string[]): CommandLine<QueryRequest> {
  return readCommandLine(words, INFO, declareOptions);
}

function declareOptions(bare: BareCommand, { run }: Answer<QueryRequest>): void {
  const program = bare
    .option("--last <range>", "30m, 1h, 24h, day, 7d, 28d, 30d, 91d, month, 6mo, 12mo, year, all")
    .option("--from <time>", "a date or a time with a zone; with --to, in place of --last")
    .option("--to <time>", "the last date, or the time before which it ends")
    .option("--by <names...>", "group by type, source, page, or a property such as cart.currency")
    .addOption(oneOf("--every <length>", "group by time", GRAINS))
    .addOption(whereOption())
    .option("--sessions", "count sessions, too")
    .option("--metric <names...>", "count these instead, for example sum:event:props:price")
    .option("--zone <name>", "time zone of days and hours", "UTC")
    .addOption(wholeNumber("--limit <n>", LIMIT_HELP, LIMIT))
    .option("--json", "print the whole answer")
    .option("--csv", "print the rows as CSV")
    .addOption(fileName("--file <file>", "ask what this JSON file holds"))
    .addOption(
      serviceUrl(
        "--url <url>",
        "address of the processor (default: that of the configuration)",
        8082,
      ),
    );
  program.action((options, command) => {
    const { file, json = false, csv = false, url = null } = options;
    if (json && csv) command.error("error: --json and --csv do not go together");
    const form = json ? "json" : csv ? "csv" : "table";
    if (file !== undefined) {
      const others = [options.last, options.from, options.to, options.by, options.every];
      const more = [options.where, options.sessions, options.metric];
      if ([...others, ...more].some((given) => given !== undefined)) {
        command.error("error: --file holds the whole query: no other option of it can be given");
      }
      return run({ question: { kind: "file", path: file }, form, url });
    }
    const { from, to, last } = options;
    const isRange = from !== undefined && to !== undefined;
    if ((from === undefined) !== (to === undefined) || (isRange && last !== undefined)) {
      command.error("error: give --from and --to, or --last");
    }
    const range = isRange ? [from, to] : (last ?? "24h");
    run({ question: { kind: "body", body: bodyOf(options, range) }, form, url });
  });
}

interface BodyOptions {
  readonly by?: readonly string[] | true | undefined;
  readonly every?: string | undefined;
  readonly where?: readonly unknown[] | undefined;
  readonly sessions?: true | undefined;
  readonly metric?: readonly string[] | true | undefined;
  readonly zone: string;
  readonly limit?: number | undefined;
}

function bodyOf(options: BodyOptions, date_range: string | readonly string[]): QueryBody {
  const { by, every, where = [], sessions = false, metric } = options;
  const counted = sessions ? ["events", "sessions"] : ["events"];
  const times = every === undefined ? [] : [`time:${every}`];
  const others = Array.isArray(by) ? by.map(dimensionOf) : [];
  const isTimeAlone = times.length > 0 && others.length === 0;
  return {
    metrics: Array.isArray(metric) ? metric : counted,
    date_range,
    dimensions: [...times, ...others],
    filters: where,
    timezone: options.zone,
    include: times.length > 0 ? { time_labels: true } : {},
    pagination: { limit: options.limit ?? (isTimeAlone ? TIME_LIMIT_DEFAULT : LIMIT_DEFAULT) },
  };
}

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["type", "event:name"],
  ["source", "event:source"],
  ["page", "event:page"],
]);

/** The dimension for a short name; any other name is a property. */
function dimensionOf(name: string): string {
  return SHORT_NAMES.get(name) ?? (name.startsWith("event:") ? name : `event:props:${name}`);
}

/** Filters from `name=value` and `name!=value`; each use of the option adds one. */
function whereOption() {
  const filters: unknown[] = [];
  return parsedValue("--where <name=value>", "count only such events; != for all others", {
    read: (text): readonly unknown[] | null => {
      const [, name, not, value] = /^([^=!]+)(!?)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) return null;
      const dimension = dimensionOf(name);
      const isText = SHORT_NAMES.has(name) && name !== "page";
      filters.push([not === "" ? "is" : "is_not", dimension, [isText ? value : readValue(value)]]);
      return filters;
    },
    allowed: "It must be like type=page_view or cart.total!=0.",
  });
}

/** A number, true, false, null or a text in quotes as JSON has it; anything else is a text. */
function readValue(text: string): unknown {
  const value = parseJson(text);
  return value === undefined || (typeof value === "object" && value !== null) ? text : value;
}

/** The four examples of the help; a test runs each. */
export const EXAMPLES = [
  ["bun run query --last 24h --by type", "how much of each type in the last 24 hours"],
  ["bun run query --last 7d --every day --zone Europe/Berlin", "days of a week in Berlin"],
  [
    "bun run query --last 24h --every hour --where type=page_view --sessions",
    "page views and sessions by hour",
  ],
  [
    "bun run query --from 2026-01-01 --to 2026-01-31 --by page --csv",
    "the pages of a month, for a spreadsheet",
  ],
] as const;

const INFO: CommandInfo = {
  name: "bun run query",
  summary: "Asks the processor how much of what happened when.",
  examples: EXAMPLES,
  notes: [
    "A value of --where is a number, true, false or null when it looks like one; put a text that does in quotes: --where 'zip=\"01234\"'. docs/analytics.md describes what --file may hold.",
  ],
  exitCodes: {
    0: "answered",
    1: "refused; the message says what is allowed",
    2: "wrong use, or the processor does not answer",
  },
};
