/** A dump of PostgreSQL and its restoration, as tables beside those of a test. Test support. */
import type { TestProcessor } from "./processor.ts";

const TABLES = [
  "logs",
  "web_events",
  "positions",
  "duplicate_events",
  "dead_letters",
  "dead_letter_resends",
  "letter_topics",
  "archive_objects",
  "offset_gaps",
  "counted_types",
  "minute_counts",
  "quarter_counts",
  "hour_counts",
  "hour_totals",
  "counts_fill",
] as const;

type Dumped = Pick<TestProcessor, "sql" | "schema">;

/** Copies every table, as a dump does. */
export async function dump({ sql, schema }: Dumped): Promise<void> {
  for (const table of TABLES) {
    await sql.unsafe(`create table dump_${table} as table ${schema}.${table}`);
  }
}

export async function restore({ sql }: Dumped): Promise<void> {
  await sql.unsafe(`truncate ${TABLES.join(", ")} cascade`);
  for (const table of TABLES) {
    await sql.unsafe(`insert into ${table} overriding system value table dump_${table}`);
  }
}
