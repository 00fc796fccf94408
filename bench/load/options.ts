/** The load test's arguments: what may be said, in which range, and the help that says so. */
import { readArguments } from "@tally/processor/commands/arguments";

/** What to send and where. */
export interface LoadOptions {
  /** Events a second, sent whether answers come or not; 0: as fast as answers come. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  /** Events in one request; 1: a single event, not an array. */
  readonly batchEvents: number;
  readonly connections: number;
  /** Address of the service, without a path; null: where the configuration says that it listens. */
  readonly url: string | null;
  /** Longest wait without any new row or archive line, s. */
  readonly waitSeconds: number;
  /** Whether archive lines are counted. */
  readonly archive: boolean;
}

/** The help, or what is wrong with the arguments, instead of options. */
export type LoadArguments =
  { readonly options: LoadOptions } | { readonly help: string } | { readonly problem: string };

interface NumberRow {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly help: string;
}

const NUMBERS = {
  rate: { default: 0, min: 0, max: 1_000_000, help: "events a second; 0: as fast as possible" },
  seconds: { default: 10, min: 1, max: 86_400, help: "how long to send" },
  batch: { default: 1, min: 1, max: 5000, help: "events in one request" },
  connections: { default: 64, min: 1, max: 4096, help: "connections, one request each at a time" },
  wait: { default: 90, min: 1, max: 7200, help: "seconds without any progress before giving up" },
} as const satisfies Record<string, NumberRow>;

/** Reads the arguments of the command line. */
export function parseLoadArguments(words: readonly string[]): LoadArguments {
  const parsed = readArguments({ args: [...words], options: PARSED });
  if ("problem" in parsed) return parsed;
  const values: Partial<Record<string, string | boolean>> = parsed.values;
  if (values.help === true) return { help: loadHelp() };
  const numbers: Record<string, number> = {};
  for (const [name, row] of Object.entries<NumberRow>(NUMBERS)) {
    const text = values[name] ?? String(row.default);
    const number = /^\d{1,9}$/.test(String(text)) ? Number(text) : Number.NaN;
    if (!(number >= row.min && number <= row.max)) {
      return { problem: `--${name} must be a whole number from ${row.min} to ${row.max}` };
    }
    numbers[name] = number;
  }
  const url = values.url === undefined ? null : serviceUrl(String(values.url));
  if (url === "") return { problem: "--url must be like http://127.0.0.1:8081" };
  const { rate, seconds, batch, connections, wait } = numbers as Record<
    keyof typeof NUMBERS,
    number
  >;
  return {
    options: {
      eventsPerSecond: rate,
      seconds,
      batchEvents: batch,
      connections,
      url,
      waitSeconds: wait,
      archive: values["no-archive"] !== true,
    },
  };
}

const PARSED = {
  rate: { type: "string" },
  seconds: { type: "string" },
  batch: { type: "string" },
  connections: { type: "string" },
  url: { type: "string" },
  wait: { type: "string" },
  "no-archive": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** The address without a path; "" when it is none. */
function serviceUrl(text: string): string {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : "";
}

function loadHelp(): string {
  const rows = Object.entries<NumberRow>(NUMBERS).map(
    ([name, row]) => `  ${`--${name} N`.padEnd(17)}${row.help} (${row.default})`,
  );
  return `Sends events to ingest, then counts them in the database and in the bucket.

  bun run load [--rate N] [--seconds N] [--batch N] [--connections N] [--url URL]

${rows.join("\n")}
  --url URL        address of ingest (http://127.0.0.1:8081)
  --no-archive     do not wait for archive lines and do not count them
  --help           this text

With --rate, requests go out at their times whether answers come or not, and latency counts from
the intended time. Without it, each connection sends when its last answer has come.
DATABASE_URL, S3_BUCKET_NAME and S3_ENDPOINT name other services than those of "bun run up".
Exit code: 0 all numbers agree, 1 they differ, 2 nothing could be sent.
`;
}
