/** The page that `up` ends in: what runs, where it is reached, what to try. Pure. */
import pc from "picocolors";

/** Everything the page tells. */
export interface Status {
  readonly dashboardUrl: string;
  readonly ingestUrl: string;
  readonly kafka: string;
  readonly postgres: string;
  /** Absent: the archive is off. */
  readonly s3?: string;
  readonly dataFolder: string;
  /** Set when PostgreSQL's data lies elsewhere. */
  readonly postgresFolder?: { readonly path: string; readonly user: string };
  readonly logsFolder: string;
  readonly seconds: number;
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
  const table = rows.map(([name, value]) => `  ${name.padEnd(11)} ${value}`).join("\n");
  const event = `{"sessionId":"test-1","eventType":"page_view","payload":{"path":"/home"}}`;
  return [
    "",
    pc.green(pc.bold("Tally is up")) + pc.dim(` after ${status.seconds.toFixed(1)} s`),
    "",
    table,
    "",
    "Send an event and watch it on the dashboard:",
    "",
    `  curl -s ${status.ingestUrl}/events -H 'content-type: application/json' \\`,
    `    -d '${event}'`,
    "",
    pc.dim("Ctrl-C stops all of it; the data stays. `bun run reset` empties it."),
    "",
  ].join("\n");
}

/** A database URL without its password, for people to read. */
export function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return "set by DATABASE_URL";
  if (parsed.password !== "") parsed.password = "***";
  return parsed.href;
}
