/** The page that `up` shows at the end: addresses, folders, and a command to try. Pure. */
import { parseDatabaseUrl } from "@tally/shared";
import { tableText } from "@tally/shared/terminal/table";
import pc from "picocolors";

/** Everything that the page shows. */
export interface Status {
  readonly dashboardUrl: string;
  readonly ingestUrl: string;
  readonly kafka: string;
  readonly postgres: string;
  /** Absent when the archive is off. */
  readonly s3?: string;
  readonly dataFolder: string;
  /** Set when PostgreSQL's data lies elsewhere. */
  readonly postgresFolder?: { readonly path: string; readonly user: string };
  readonly logsFolder: string;
  readonly seconds: number;
  /** Whether requests need a key. */
  readonly keysOn: boolean;
}

/** The page as text, with colours where the terminal has them. */
export function statusPage(status: Status): string {
  const rows: [string, string][] = [
    ["Dashboard", pc.bold(pc.cyan(status.dashboardUrl))],
    ["Ingest", pc.cyan(`${status.ingestUrl}/events`)],
    ["Kafka", status.kafka],
    ["PostgreSQL", status.postgres],
    ["S3", status.s3 ?? "off (S3_ENABLED=false): events are stored, not archived"],
    ["Data", status.dataFolder],
  ];
  if (status.postgresFolder) {
    const { path, user } = status.postgresFolder;
    rows.push(["", `${path} (PostgreSQL, which runs as ${user})`]);
  }
  rows.push(["Logs", status.logsFolder]);
  const table = tableText(rows, { indent: 2 }).trimEnd();
  const event = `{"sessionId":"test-1","eventType":"page_view","payload":{"path":"/home"}}`;
  return [
    "",
    pc.green(pc.bold("Tally is up")) + pc.dim(` after ${status.seconds.toFixed(1)} s`),
    "",
    table,
    "",
    ...(status.keysOn ? KEY_LINES : []),
    "Send an event and watch it on the dashboard:",
    "",
    `  curl -s ${status.ingestUrl}/events -H 'content-type: application/json' \\`,
    ...(status.keysOn ? ['    -H "authorization: Bearer $WRITE_KEY" \\'] : []),
    `    -d '${event}'`,
    "",
    pc.dim("Ctrl-C stops everything; the data stays. `bun run reset` deletes it."),
    "",
  ].join("\n");
}

/** How to get in with keys on. */
const KEY_LINES = [
  "Requests need a key (TALLY_KEYS=on). Make one for the dashboard and one for senders:",
  "",
  "  bun run keys create me --scope read,operate",
  "  bun run keys create sender --scope write",
  "",
];

/** A database URL without its password. */
export function withoutPassword(url: string): string {
  const target = parseDatabaseUrl(url);
  if (target.kind === "problem") return "set by DATABASE_URL";
  const { hosts, user, password, database } = target.value;
  const who = user === null ? "" : `${user}${password === null ? "" : ":***"}@`;
  const where = hosts.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`);
  return `postgres://${who}${where.join(",")}/${database ?? ""}`;
}
