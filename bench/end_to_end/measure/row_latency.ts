/** The times from receivedAt to the committed row, as the processor counts them. */
import { emptyHistogram } from "@tally/shared";

import type { System } from "../../system/system.ts";

/**
 * The times of all rows so far, by bucket. The processor measures them when the answer to its
 * statement arrives: no client can see a commit earlier.
 */
export async function readLatencies({ sql }: System): Promise<number[]> {
  const rows = await sql<{ bucket: number; count: number }[]>`
    select bucket::integer as bucket, sum(count)::integer as count
    from positions, unnest(latency) with ordinality as counts (count, bucket)
    where sink = 'postgres' group by bucket`;
  const histogram = emptyHistogram();
  for (const { bucket, count } of rows) histogram[bucket - 1] = count;
  return histogram;
}

/** What came between two readings. */
export function latenciesBetween(before: readonly number[], after: readonly number[]): number[] {
  return after.map((count, bucket) => count - (before[bucket] ?? 0));
}
