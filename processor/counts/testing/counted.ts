/** Reads the counts of a log in a form that tests compare. Test support. */
import type { Database } from "@tally/shared/database";
import { findDifferences } from "../differences.ts";

/** Buckets of one log: partition, start, total and late as text, and rows by type. */
export async function readBuckets(
  sql: Database,
  table: "minute_counts" | "quarter_counts",
  log: number,
) {
  const start = table === "minute_counts" ? "minute" : "quarter";
  const rows = await sql<{ bucket: string; types: Record<string, number> | null }[]>`
    select partition || ' ' || to_char(${sql(start)}, 'YYYY-MM-DD HH24:MI') || ' ' || total || ' ' || late
        as bucket,
      (select jsonb_object_agg(known.event_type, events)
        from unnest(counts) with ordinality as counted (events, number)
        join counted_types known on known.log = counted_rows.log
          and known.partition = counted_rows.partition and known.number = counted.number
        where events <> 0) as types
    from ${sql(table)} counted_rows where log = ${log} order by ${sql(start)}, partition`;
  return rows.map(({ bucket, types }) => [bucket, types ?? {}] as const);
}

/** Where counts and rows of the schema differ; empty when I12 holds. */
export async function allDifferences(sql: Database) {
  const found = await findDifferences(sql, { from: null, to: null }, 100);
  return found.map(({ hour, what, event_type, counted, rows }) =>
    [hour, what, event_type, counted, rows].filter((each) => each !== null).join(" "),
  );
}
