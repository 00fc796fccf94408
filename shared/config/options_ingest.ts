/** Rows of the configuration table: Kafka and ingest. option.ts explains a row. */
import { choice, integer, origins, text } from "./option.ts";

const MEBIBYTE = 1024 * 1024;

/** How to reach Kafka, and the topics. */
export const KAFKA_OPTIONS = {
  bootstrapServers: text({
    env: "KAFKA_BOOTSTRAP_SERVERS",
    default: "127.0.0.1:9092",
    shape: /^[^\s,]+:\d+(,[^\s,]+:\d+)*$/,
    range: "host:port, separated by commas",
    help: "Brokers to connect to first. When it is set, `up` uses them instead of starting Kafka.",
  }),
  topic: text({
    env: "KAFKA_TOPIC",
    default: "events",
    shape: /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,200}$/,
    range: "a topic name",
    help: "The log of accepted events.",
  }),
  dlqTopic: text({
    env: "KAFKA_DLQ_TOPIC",
    default: "events.DLQ",
    shape: /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/,
    range: "a topic name",
    help: "Receives a copy of every dead letter.",
  }),
  securityProtocol: choice({
    env: "KAFKA_SECURITY_PROTOCOL",
    default: "plaintext",
    choices: ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"],
    help: "Protocol for connections to the brokers.",
  }),
  saslMechanism: choice({
    env: "KAFKA_SASL_MECHANISM",
    default: "SCRAM-SHA-512",
    choices: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
    help: "Used when the protocol contains `sasl`.",
  }),
  saslUsername: text({
    env: "KAFKA_SASL_USERNAME",
    default: null,
    help: "User name for the brokers; needed with `sasl`.",
  }),
  saslPassword: text({
    env: "KAFKA_SASL_PASSWORD",
    default: null,
    secret: true,
    help: "Password for the brokers; needed with `sasl`.",
  }),
  sslCaLocation: text({
    env: "KAFKA_SSL_CA_LOCATION",
    default: null,
    range: "a file",
    help: "File with the CA certificates to trust; the system's when not set.",
  }),
} as const;

/** HTTP to Kafka. */
export const INGEST_OPTIONS = {
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
  corsOrigins: origins({
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
    help: "Largest event, as sent and as stored; a larger limit costs memory in every later step.",
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
    default: "1000",
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
    help: "Bytes of records in flight to Kafka; above it requests get 503. It bounds memory while Kafka is down.",
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
} as const;
