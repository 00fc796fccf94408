/** Rows of the configuration table: processor, rows and stream. option.ts explains a row. */
import { address, choice, databaseUrl, integer, origins, text } from "./option.ts";

const MEBIBYTE = 1024 * 1024;

/** The database of rows and positions. */
export const DATABASE_OPTIONS = {
  url: databaseUrl({
    env: "DATABASE_URL",
    default: "postgres://postgres:postgres@127.0.0.1:55432/eventsdb",
    help: "The database of rows and positions; its parameters are in [operations.md](operations.md#postgresql). When it is set, `up` uses it instead of starting PostgreSQL.",
  }),
  schema: text({
    env: "DATABASE_SCHEMA",
    default: "public",
    shape: /^[a-z_][a-z0-9_]{0,62}$/,
    range: "a schema name",
    help: "Schema of the tables; created when absent.",
  }),
  connections: integer({
    env: "DATABASE_CONNECTIONS_MAX",
    default: "6",
    unit: "connections",
    min: 3,
    max: 100,
    help: "Statements in flight at once; more helps until the server's cores are busy.",
  }),
  statementTimeoutMs: integer({
    env: "DATABASE_STATEMENT_TIMEOUT_MS",
    default: "5000",
    unit: "ms",
    min: 100,
    max: 60_000,
    help: "Longest statement; must lie below the consumer's session timeout, so that a frozen writer can't outlive its partitions.",
  }),
} as const;

/** Kafka to the sinks. */
export const PROCESSOR_OPTIONS = {
  host: text({
    env: "PROCESSOR_HOST",
    default: "127.0.0.1",
    help: "Address to listen on; `0.0.0.0` opens it to the network.",
  }),
  port: integer({
    env: "PROCESSOR_PORT",
    default: "8082",
    unit: "port",
    min: 0,
    max: 65535,
    help: "Port of the dashboard and its stream; 0 takes a free one.",
  }),
  corsOrigins: origins({
    env: "PROCESSOR_CORS_ORIGINS",
    default: "",
    help: "Other pages whose scripts may read from the processor and send dead letters again. `bun run dev` adds its own page on port 5173.",
  }),
  sessionHours: integer({
    env: "DASHBOARD_SESSION_HOURS",
    default: "12",
    unit: "hours",
    min: 1,
    max: 720,
    help: "How long a sign-in on the dashboard lasts; used with `TALLY_KEYS=on` only.",
  }),
  ingestUrl: address({
    env: "DASHBOARD_INGEST_URL",
    default: null,
    schemes: ["http", "https"],
    help: "Where the dashboard sends its test event. When not set: port 8081 of the host that the page was loaded from.",
  }),
  groupPrefix: text({
    env: "PROCESSOR_GROUP_PREFIX",
    default: "processor",
    shape: /^[A-Za-z0-9._-]{1,100}$/,
    range: "a group name",
    help: "The two consumer groups have this name with `-postgres` and `-archive` added.",
  }),
  groupProtocol: choice({
    env: "PROCESSOR_GROUP_PROTOCOL",
    default: "classic",
    choices: ["classic", "consumer"],
    help: "Kafka's rebalance protocol; `consumer` is KIP-848.",
  }),
  sessionTimeoutMs: integer({
    env: "PROCESSOR_SESSION_TIMEOUT_MS",
    default: "10000",
    unit: "ms",
    min: 6000,
    max: 300_000,
    help: "How long a dead processor keeps its partitions.",
  }),
  batchRecordsMax: integer({
    env: "PROCESSOR_BATCH_RECORDS_MAX",
    default: "1000",
    unit: "records",
    min: 1,
    max: 10_000,
    help: "Rows in one statement; more is faster until statements get long.",
  }),
  batchBytesMax: integer({
    env: "PROCESSOR_BATCH_BYTES_MAX",
    default: String(4 * MEBIBYTE),
    unit: "bytes",
    min: 1024,
    max: 64 * MEBIBYTE,
    help: "Bytes in one statement; bounds memory when events are large.",
  }),
  batchAgeMs: integer({
    env: "PROCESSOR_BATCH_AGE_MS_MAX",
    default: "10",
    unit: "ms",
    min: 0,
    max: 10_000,
    help: "Time between two statements that write rows: records wait this long for others. It grows up to fourfold while statements take long.",
  }),
  partitionRecordsMax: integer({
    env: "PROCESSOR_PARTITION_RECORDS_MAX",
    default: "2500",
    unit: "records",
    min: 100,
    max: 1_000_000,
    help: "Records of one partition in memory, per sink; one call of the client can exceed it. Above it consuming waits, and after a second the partition is paused.",
  }),
  partitionBytesMax: integer({
    env: "PROCESSOR_PARTITION_BYTES_MAX",
    default: String(8 * MEBIBYTE),
    unit: "bytes",
    min: MEBIBYTE,
    max: 512 * MEBIBYTE,
    help: "Bytes of one partition in memory, per sink; the same rule as for records.",
  }),
  retentionHours: integer({
    env: "PROCESSOR_RETENTION_HOURS",
    default: "168",
    unit: "hours",
    min: 1,
    max: 876_000,
    help: "The topic's `retention.ms`, in hours; set it by hand, because Tally's Kafka client cannot read it. Lag of half this time raises an alarm. If the value is too large, the alarm comes too late.",
  }),
  backoffMs: integer({
    env: "PROCESSOR_BACKOFF_MS_MAX",
    default: "5000",
    unit: "ms",
    min: 100,
    max: 300_000,
    help: "Longest pause between attempts while a dependency is down.",
  }),
  deadLetterDays: integer({
    env: "PROCESSOR_DEAD_LETTER_DAYS_MAX",
    default: "30",
    unit: "days",
    min: 1,
    max: 36_500,
    help: "How long a resolved dead letter keeps its bytes; its offset and its reason are kept permanently.",
  }),
  duplicateDays: integer({
    env: "PROCESSOR_DUPLICATE_DAYS_MAX",
    default: "30",
    unit: "days",
    min: 1,
    max: 36_500,
    help: "How long a duplicate stays listed by offset and id once the archive has passed it; then only the count is kept.",
  }),
  shutdownMs: integer({
    env: "PROCESSOR_SHUTDOWN_MS_MAX",
    default: "12000",
    unit: "ms",
    min: 1000,
    max: 60_000,
    help: "How long a stop waits for open batches and uploads.",
  }),
} as const;

/** Questions over counts and rows. */
export const ANALYTICS_OPTIONS = {
  rowsMax: integer({
    env: "ANALYTICS_ROWS_MAX",
    default: "5000000",
    unit: "rows",
    min: 1000,
    max: 1_000_000_000,
    help: "Rows that one question may read; a question that the counts can't answer and that would read more is refused. A question also ends after 5 s.",
  }),
} as const;

/** The stream of the dashboard. */
export const STREAM_OPTIONS = {
  intervalMs: integer({
    env: "STREAM_INTERVAL_MS",
    default: "1000",
    unit: "ms",
    min: 100,
    max: 60_000,
    help: "Time between frames; each frame costs a read of the positions.",
  }),
  subscribersMax: integer({
    env: "STREAM_SUBSCRIBERS_MAX",
    default: "5000",
    unit: "subscribers",
    min: 1,
    max: 100_000,
    help: "Open dashboards; the next one gets 503.",
  }),
  subscriberBytesMax: integer({
    env: "STREAM_SUBSCRIBER_BYTES_MAX",
    default: "262144",
    unit: "bytes",
    min: 16_384,
    max: 16 * MEBIBYTE,
    help: "Unread bytes after which a slow subscriber is disconnected; the kernel keeps more beside them.",
  }),
} as const;
