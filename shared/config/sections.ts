/**
 * Every option of the system, by section: the rows come together here and become
 * the typed configuration and the tables of docs/configuration.md.
 */
import type { Option } from "./option.ts";
import { HTTP_OPTIONS } from "./options_http.ts";
import { INGEST_OPTIONS, KAFKA_OPTIONS } from "./options_ingest.ts";
import { KEYS_OPTIONS } from "./options_keys.ts";
import { ARCHIVE_OPTIONS } from "./options_archive.ts";
import {
  ANALYTICS_OPTIONS,
  DATABASE_OPTIONS,
  PROCESSOR_OPTIONS,
  STREAM_OPTIONS,
} from "./options_processor.ts";
import { COMMAND_OPTIONS, LOG_OPTIONS, STACK_OPTIONS } from "./options_stack.ts";

/** The rows, by section. A service loads the sections it needs (`SERVICE_SECTIONS`). */
export const OPTIONS = {
  kafka: KAFKA_OPTIONS,
  http: HTTP_OPTIONS,
  ingest: INGEST_OPTIONS,
  keys: KEYS_OPTIONS,
  database: DATABASE_OPTIONS,
  processor: PROCESSOR_OPTIONS,
  archive: ARCHIVE_OPTIONS,
  stream: STREAM_OPTIONS,
  analytics: ANALYTICS_OPTIONS,
  stack: STACK_OPTIONS,
  commands: COMMAND_OPTIONS,
  log: LOG_OPTIONS,
} as const;

/** What each program loads. */
export const SERVICE_SECTIONS = {
  ingest: ["kafka", "http", "ingest", "log"],
  // Of ingest, with keys on only: without keys it needs no database.
  keys: ["keys", "database"],
  processor: ["kafka", "http", "database", "processor", "archive", "stream", "analytics", "log"],
  stack: [
    "kafka",
    "http",
    "database",
    "archive",
    "ingest",
    "keys",
    "processor",
    "stack",
    "commands",
    "log",
  ],
  commands: ["commands"],
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
/** The typed options of every section. */
export type AllSections = { readonly [K in Section]: Values<K> };
