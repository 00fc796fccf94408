/** Rows of the configuration table: the local stack and the log. option.ts explains a row. */
import { choice, integer, text } from "./option.ts";

/** What `up` starts on this machine. */
export const STACK_OPTIONS = {
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
} as const;

/** What commands on a terminal use. */
export const COMMAND_OPTIONS = {
  key: text({
    env: "TALLY_KEY",
    default: null,
    secret: true,
    help: "Key that commands present, needed with `TALLY_KEYS=on`: `bun run query` (*read*), `bun run dead-letters` (*operate*), `bun run load` (*write*).",
  }),
} as const;

/** The log of every program. */
export const LOG_OPTIONS = {
  level: choice({
    env: "LOG_LEVEL",
    default: "info",
    choices: ["debug", "info", "warn", "error"],
    help: "Least important line that is printed.",
  }),
} as const;
