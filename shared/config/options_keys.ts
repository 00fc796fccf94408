/** Rows of the configuration table: where ingest reads keys. option.ts explains a row. */
import { databaseUrl, integer, text } from "./option.ts";

/** The keys of ingest; used with `TALLY_KEYS=on` only. */
export const KEYS_OPTIONS = {
  databaseUrl: databaseUrl({
    env: "INGEST_KEYS_DATABASE_URL",
    default: null,
    help: "Where ingest reads the keys, best with a role that may only select them ([operations.md](operations.md#keys)). Not set: `DATABASE_URL`. The schema is `DATABASE_SCHEMA`.",
  }),
  staleHoursMax: integer({
    env: "INGEST_KEYS_STALE_HOURS_MAX",
    default: "24",
    unit: "hours",
    min: 1,
    max: 8760,
    help: "How long ingest trusts the keys it knows while PostgreSQL does not answer; then it answers 503. Longer survives longer outages, and a key that is revoked meanwhile works for as long.",
  }),
  file: text({
    env: "INGEST_KEYS_FILE",
    default: ".data/ingest-keys.json",
    range: "a file",
    help: "Ingest keeps the hashes of the keys here (mode 0600), for a start while PostgreSQL does not answer. A path that is not absolute is below the working directory.",
  }),
} as const;
