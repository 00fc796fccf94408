/** The audit's arguments: what may be said, and the help that says so. */
import { parseTimestamp } from "@tally/shared";

import { readArguments } from "../arguments.ts";
import type { HourBounds } from "./bounds.ts";

/** What to audit, and where the report goes. */
export interface AuditWanted extends HourBounds {
  /** Null: all. */
  readonly partition: number | null;
  /** File for the whole report; null: none. */
  readonly jsonFile: string | null;
}

/** The help, or what is wrong with the arguments, instead of options. */
export type AuditArguments =
  { readonly wanted: AuditWanted } | { readonly help: string } | { readonly problem: string };

/** Reads the arguments of the command line. */
export function parseAuditArguments(words: readonly string[]): AuditArguments {
  const parsed = readArguments({ args: [...words], options: PARSED });
  if ("problem" in parsed) return parsed;
  const { values } = parsed;
  if (values.help === true) return { help: HELP };
  const [fromMs, toMs] = [hourOf(values.from, Math.floor), hourOf(values.to, Math.ceil)];
  if (fromMs === "wrong" || toMs === "wrong") {
    const name = fromMs === "wrong" ? "--from" : "--to";
    return { problem: `${name} must be like 2026-01-31 or 2026-01-31T07:00:00Z` };
  }
  if (fromMs !== null && toMs !== null && fromMs >= toMs) {
    return { problem: "--from must lie before --to" };
  }
  if (values.partition !== undefined && !/^\d{1,9}$/.test(values.partition)) {
    return { problem: "--partition must be a whole number from 0" };
  }
  if (values.json === "") return { problem: "--json must name a file" };
  const partition = values.partition === undefined ? null : Number(values.partition);
  return { wanted: { fromMs, toMs, partition, jsonFile: values.json ?? null } };
}

const PARSED = {
  from: { type: "string" },
  to: { type: "string" },
  partition: { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const HOUR_MS = 3_600_000;

/** A time as a whole hour, ms since 1970; a date is its midnight in UTC; null: not given. */
function hourOf(
  text: string | undefined,
  round: (hours: number) => number,
): number | null | "wrong" {
  if (text === undefined) return null;
  const ms = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  return ms === null ? "wrong" : round(ms / HOUR_MS) * HOUR_MS;
}

const HELP = `Accounts for every event: offsets of the log, rows, duplicates, dead letters and archive lines.

  bun run audit [--from TIME] [--to TIME] [--partition N] [--json FILE]

  --from TIME      from this hour on: a date, or RFC 3339 with a zone (the log's begin)
  --to TIME        up to before this time; its hour is taken whole (the positions)
  --partition N    one partition (all)
  --json FILE      the whole report, by partition and hour
  --help           this text

It reads the positions once and judges what lies below them: the system may run meanwhile. Every
archive object is downloaded, hashed and compared with the rows, line by line. With --from or --to
it looks at all offsets from the first to the last of those hours, by receive time of the rows and
by the hour in an object's key.
DATABASE_URL, S3_BUCKET_NAME, S3_ENDPOINT and KAFKA_BOOTSTRAP_SERVERS name other services than
those of "bun run up"; S3_ENABLED=false leaves the archive out.
Exit code: 0 clean, 1 something is wrong, 2 there is no verdict.
`;
