/**
 * Every option of the system, a row each. From these rows come the typed
 * configuration, the error messages and the README's table; nothing else reads
 * the environment. This is an edge of the package: the others are pure.
 */
import { PipelineError } from "./error.ts";
import { address, choice, flag, integer, list, text, type Option } from "./option.ts";

const MEBIBYTE = 1024 * 1024;

/** The rows, by section. A service loads the sections it needs (`SERVICE_SECTIONS`). */
export const OPTIONS = {
  kafka: {
    bootstrapServers: text({
      env: "KAFKA_BOOTSTRAP_SERVERS",
      default: "127.0.0.1:9092",
      shape: /^[^\s,]+:\d+(,[^\s,]+:\d+)*$/,
      range: "host:port, separated by commas",
      help: "Brokers to ask first. When it is set, `up` uses them instead of starting Kafka.",
    }),
    topic: text({
      env: "KAFKA_TOPIC",
      default: "events",
      shape: /^[A-Za-z0-9._-]{1,200}$/,
      range: "a topic name",
      help: "The log of accepted events.",
    }),
    dlqTopic: text({
      env: "KAFKA_DLQ_TOPIC",
      default: "events.DLQ",
      shape: /^[A-Za-z0-9._-]{1,249}$/,
      range: "a topic name",
      help: "Receives a copy of every dead letter.",
    }),
    securityProtocol: choice({
      env: "KAFKA_SECURITY_PROTOCOL",
      default: "plaintext",
      choices: ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"],
      help: "How to talk to the brokers.",
    }),
    saslMechanism: choice({
      env: "KAFKA_SASL_MECHANISM",
      default: "SCRAM-SHA-512",
      choices: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
      help: "Used when the protocol has `sasl` in it.",
    }),
    saslUsername: text({
      env: "KAFKA_SASL_USERNAME",
      default: null,
      help: "User at the brokers; needed with `sasl`.",
    }),
    saslPassword: text({
      env: "KAFKA_SASL_PASSWORD",
      default: null,
      secret: true,
      help: "Password at the brokers; needed with `sasl`.",
    }),
    sslCaLocation: text({
      env: "KAFKA_SSL_CA_LOCATION",
      default: null,
      range: "a file",
      help: "Certificates of the authorities to trust; the system's when not set.",
    }),
  },
  ingest: {
    host: text({
      env: "INGEST_HOST",
      default: "127.0.0.1",
      help: "Address to listen on; `0.0.0.0` opens it to the network.",
    }),
    port: integer({
      env: "INGEST_PORT",
      default: "8081",
      unit: "port",
      min: 0,
      max: 65535,
      help: "Port of `POST /events`; 0 takes a free one.",
    }),
    corsOrigins: list({
      env: "INGEST_CORS_ORIGINS",
      default:
        "http://localhost:5173,http://127.0.0.1:5173,http://localhost:8082,http://127.0.0.1:8082",
      help: "Pages whose scripts may call ingest from a browser.",
    }),
    bodyBytesMax: integer({
      env: "INGEST_BODY_BYTES_MAX",
      default: String(5 * MEBIBYTE),
      unit: "bytes",
      min: 1024,
      max: 64 * MEBIBYTE,
      help: "Largest body, decompressed; larger costs memory per request in flight.",
    }),
    batchEventsMax: integer({
      env: "INGEST_BATCH_EVENTS_MAX",
      default: "5000",
      unit: "events",
      min: 1,
      max: 50_000,
      help: "Most events in one request; more makes one request hold Kafka's queue longer.",
    }),
    eventBytesMax: integer({
      env: "INGEST_EVENT_BYTES_MAX",
      default: "65536",
      unit: "bytes",
      min: 256,
      max: 512 * 1024,
      help: "Largest event, as sent and as stored; larger costs memory everywhere behind.",
    }),
    nestingMax: integer({
      env: "INGEST_EVENT_NESTING_MAX",
      default: "32",
      unit: "levels",
      min: 1,
      max: 128,
      help: "Deepest nesting of a payload.",
    }),
    valuesMax: integer({
      env: "INGEST_EVENT_VALUES_MAX",
      default: "1000",
      unit: "values",
      min: 1,
      max: 50_000,
      help: "Most values in one payload; more costs CPU per event.",
    }),
    pastDaysMax: integer({
      env: "INGEST_TS_PAST_DAYS_MAX",
      default: "366",
      unit: "days",
      min: 1,
      max: 36_500,
      help: "How far back a client's `ts` may lie.",
    }),
    futureMinutesMax: integer({
      env: "INGEST_TS_FUTURE_MINUTES_MAX",
      default: "10",
      unit: "minutes",
      min: 0,
      max: 525_600,
      help: "How far ahead a client's `ts` may lie; clocks differ.",
    }),
    requestDeadlineMs: integer({
      env: "INGEST_REQUEST_DEADLINE_MS",
      default: "10000",
      unit: "ms",
      min: 500,
      max: 60_000,
      help: "From a request's first byte to its answer; also how long Kafka may take to store a record.",
    }),
    lingerUs: integer({
      env: "INGEST_PUBLISH_LINGER_US",
      default: "500",
      unit: "µs",
      min: 0,
      max: 100_000,
      help: "How long the client waits to fill a produce request; longer gives larger batches and slower answers.",
    }),
    queueRecordsMax: integer({
      env: "INGEST_QUEUE_RECORDS_MAX",
      default: "200000",
      unit: "records",
      min: 1000,
      max: 10_000_000,
      help: "Records in flight to Kafka; above it requests get 503.",
    }),
    queueBytesMax: integer({
      env: "INGEST_QUEUE_BYTES_MAX",
      default: String(64 * MEBIBYTE),
      unit: "bytes",
      min: MEBIBYTE,
      max: 2048 * MEBIBYTE,
      help: "Bytes of records in flight to Kafka; above it requests get 503. It bounds memory while Kafka is away.",
    }),
    requestsMax: integer({
      env: "INGEST_REQUESTS_MAX",
      default: "2000",
      unit: "requests",
      min: 1,
      max: 100_000,
      help: "Requests in flight; above it requests get 503.",
    }),
    requestBytesMax: integer({
      env: "INGEST_REQUEST_BYTES_MAX",
      default: String(64 * MEBIBYTE),
      unit: "bytes",
      min: MEBIBYTE,
      max: 2048 * MEBIBYTE,
      help: "Bytes of bodies being read and checked; above it requests get 503.",
    }),
    shutdownMs: integer({
      env: "INGEST_SHUTDOWN_MS_MAX",
      default: "12000",
      unit: "ms",
      min: 1000,
      max: 60_000,
      help: "How long a stop waits for requests in flight.",
    }),
  },
  database: {
    url: address({
      env: "DATABASE_URL",
      default: "postgres://postgres:postgres@127.0.0.1:55432/eventsdb",
      schemes: ["postgres", "postgresql"],
      secret: true,
      help: "The database of rows and positions. When it is set, `up` uses it instead of starting PostgreSQL.",
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
  },
  processor: {
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
    corsOrigins: list({
      env: "PROCESSOR_CORS_ORIGINS",
      default: "http://localhost:5173,http://127.0.0.1:5173",
      help: "Pages besides its own whose scripts may read the stream.",
    }),
    groupPrefix: text({
      env: "PROCESSOR_GROUP_PREFIX",
      default: "processor",
      shape: /^[A-Za-z0-9._-]{1,100}$/,
      range: "a group name",
      help: "Consumer groups are this and `-postgres`, `-archive`.",
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
      help: "How long a record waits for others to share its statement.",
    }),
    partitionRecordsMax: integer({
      env: "PROCESSOR_PARTITION_RECORDS_MAX",
      default: "8000",
      unit: "records",
      min: 100,
      max: 1_000_000,
      help: "Records of one partition in memory, a sink each; above it the partition is paused.",
    }),
    partitionBytesMax: integer({
      env: "PROCESSOR_PARTITION_BYTES_MAX",
      default: String(8 * MEBIBYTE),
      unit: "bytes",
      min: MEBIBYTE,
      max: 512 * MEBIBYTE,
      help: "Bytes of one partition in memory, a sink each; above it the partition is paused.",
    }),
    backoffMs: integer({
      env: "PROCESSOR_BACKOFF_MS_MAX",
      default: "5000",
      unit: "ms",
      min: 100,
      max: 300_000,
      help: "Longest pause between attempts while a dependency is away.",
    }),
    shutdownMs: integer({
      env: "PROCESSOR_SHUTDOWN_MS_MAX",
      default: "12000",
      unit: "ms",
      min: 1000,
      max: 60_000,
      help: "How long a stop waits for open batches and uploads.",
    }),
  },
  archive: {
    enabled: flag({
      env: "S3_ENABLED",
      default: "true",
      help: "`false` runs without the archive; its position stays where it is.",
    }),
    bucket: text({
      env: "S3_BUCKET_NAME",
      default: "tally-events",
      shape: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      range: "a bucket name",
      help: "Bucket of the archive. When it is set, `up` uses it instead of starting a store.",
    }),
    endpoint: address({
      env: "S3_ENDPOINT",
      default: null,
      schemes: ["http", "https"],
      help: "Only for stores that are not AWS.",
    }),
    region: text({
      env: "AWS_DEFAULT_REGION",
      default: "us-east-1",
      help: "Region of the bucket; `AWS_REGION` wins when both are set.",
    }),
    keyPrefix: text({
      env: "ARCHIVE_KEY_PREFIX",
      default: "events",
      shape: /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/,
      range: "folders without slashes at the ends",
      help: "First part of every object key.",
    }),
    compression: choice({
      env: "ARCHIVE_COMPRESSION",
      default: "none",
      choices: ["none", "gzip"],
      help: "`gzip` makes objects about five times smaller for about 1 µs an event.",
    }),
    objectRecordsMax: integer({
      env: "ARCHIVE_OBJECT_RECORDS_MAX",
      default: "1000",
      unit: "records",
      min: 1,
      max: 100_000,
      help: "Rotation by count; more makes fewer, larger objects.",
    }),
    objectBytesMax: integer({
      env: "ARCHIVE_OBJECT_BYTES_MAX",
      default: String(8 * MEBIBYTE),
      unit: "bytes",
      min: 1024,
      max: 64 * MEBIBYTE,
      help: "Rotation by size, before compression; held in memory, a partition each.",
    }),
    objectAgeMs: integer({
      env: "ARCHIVE_OBJECT_AGE_MS_MAX",
      default: "60000",
      unit: "ms",
      min: 100,
      max: 3_600_000,
      help: "Rotation by age of the open object; shorter archives sooner, in smaller objects.",
    }),
    putTimeoutMs: integer({
      env: "ARCHIVE_PUT_TIMEOUT_MS",
      default: "30000",
      unit: "ms",
      min: 1000,
      max: 300_000,
      help: "Longest upload of one object.",
    }),
  },
  stream: {
    intervalMs: integer({
      env: "STREAM_INTERVAL_MS",
      default: "1000",
      unit: "ms",
      min: 100,
      max: 60_000,
      help: "Time between frames; shorter costs a read of the positions each.",
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
      help: "Unread bytes after which a slow subscriber is disconnected.",
    }),
  },
  stack: {
    dataFolder: text({
      env: "STACK_DATA_FOLDER",
      default: ".data",
      range: "a folder",
      help: "Where `up` keeps the data of the services that it starts.",
    }),
    kafkaPort: integer({
      env: "STACK_KAFKA_PORT",
      default: "9092",
      unit: "port",
      min: 1,
      max: 65535,
      help: "Port of the Kafka that `up` starts.",
    }),
    postgresPort: integer({
      env: "STACK_POSTGRES_PORT",
      default: "55432",
      unit: "port",
      min: 1,
      max: 65535,
      help: "Port of the PostgreSQL that `up` starts.",
    }),
    s3Port: integer({
      env: "STACK_S3_PORT",
      default: "9000",
      unit: "port",
      min: 1,
      max: 65535,
      help: "Port of the S3 server that `up` starts.",
    }),
    partitions: integer({
      env: "STACK_TOPIC_PARTITIONS",
      default: "6",
      unit: "partitions",
      min: 1,
      max: 200,
      help: "Partitions of the topic when `up` creates it.",
    }),
  },
  log: {
    level: choice({
      env: "LOG_LEVEL",
      default: "info",
      choices: ["debug", "info", "warn", "error"],
      help: "Least important line that is printed.",
    }),
  },
} as const;

/** What each program loads. */
export const SERVICE_SECTIONS = {
  ingest: ["kafka", "ingest", "log"],
  processor: ["kafka", "database", "processor", "archive", "stream", "log"],
  stack: ["kafka", "database", "archive", "ingest", "processor", "stack", "log"],
} as const satisfies Record<string, readonly Section[]>;

export type Section = keyof typeof OPTIONS;
export type Service = keyof typeof SERVICE_SECTIONS;
type Values<S extends Section> = {
  readonly [K in keyof (typeof OPTIONS)[S]]: (typeof OPTIONS)[S][K] extends Option<infer T>
    ? T
    : never;
};
/** The typed options of one program, by section; frozen. */
export type Config<S extends Service> = {
  readonly [K in (typeof SERVICE_SECTIONS)[S][number]]: Values<K>;
};
/** Environment variables by name, as `Bun.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the options of one program. An empty variable counts as not set.
 *
 * @throws {PipelineError} `config_invalid`, not retryable: the message lists *all* problems, a line
 * each; values of secret options are left out.
 */
export function loadConfig<S extends Service>(env: Env, service: S): Config<S> {
  const problems: string[] = [];
  const config: Record<string, Record<string, unknown>> = {};
  for (const section of SERVICE_SECTIONS[service]) {
    const values: Record<string, unknown> = {};
    for (const [name, option] of Object.entries<Option<unknown>>(OPTIONS[section])) {
      values[name] = readOption(env, option, problems);
    }
    config[section] = Object.freeze(values);
  }
  if (problems.length === 0) checkRelations(config as Partial<AllSections>, problems);
  if (problems.length > 0) {
    throw new PipelineError(
      "config_invalid",
      `Cannot use the configuration:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
  }
  return Object.freeze(config) as Config<S>;
}

function readOption(env: Env, option: Option<unknown>, problems: string[]): unknown {
  // The AWS SDK reads AWS_REGION only, the demo's users set AWS_DEFAULT_REGION: both work.
  const names = option.env === "AWS_DEFAULT_REGION" ? ["AWS_REGION", option.env] : [option.env];
  const name = names.find((candidate) => (env[candidate] ?? "") !== "") ?? option.env;
  const written = env[name] || option.default;
  if (written === null) return null;
  const outcome = option.parse(written);
  if ("value" in outcome) return outcome.value;
  const shown = option.secret ? "" : ` (it is "${written.slice(0, 80)}")`;
  problems.push(`${name} ${outcome.problem}${shown}`);
  return null;
}

type AllSections = { [K in Section]: Values<K> };

/** Rules between options; checked when each option is right by itself. */
function checkRelations(
  { kafka, ingest, database, processor }: Partial<AllSections>,
  problems: string[],
): void {
  if (
    kafka?.securityProtocol.startsWith("sasl") &&
    (kafka.saslUsername === null || kafka.saslPassword === null)
  ) {
    problems.push(
      "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set when KAFKA_SECURITY_PROTOCOL has sasl in it",
    );
  }
  if (ingest !== undefined && ingest.lingerUs / 1000 >= ingest.requestDeadlineMs) {
    problems.push("INGEST_PUBLISH_LINGER_US must be shorter than INGEST_REQUEST_DEADLINE_MS");
  }
  if (ingest !== undefined && ingest.eventBytesMax > ingest.bodyBytesMax) {
    problems.push("INGEST_EVENT_BYTES_MAX must be at most INGEST_BODY_BYTES_MAX");
  }
  if (
    database !== undefined &&
    processor !== undefined &&
    database.statementTimeoutMs >= processor.sessionTimeoutMs
  ) {
    problems.push("DATABASE_STATEMENT_TIMEOUT_MS must be below PROCESSOR_SESSION_TIMEOUT_MS");
  }
  if (processor !== undefined && processor.batchRecordsMax > processor.partitionRecordsMax) {
    problems.push("PROCESSOR_BATCH_RECORDS_MAX must be at most PROCESSOR_PARTITION_RECORDS_MAX");
  }
}
