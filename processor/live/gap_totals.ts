/**
 * Offsets of the log that hold no record which the rows could read, and records that were lost.
 * Counted once: after that only what lies between the last position and the present one.
 */
import { guarded, type Database } from "@tally/shared/database";
import type { Totals } from "./totals.ts";

/** Offsets of the log below the rows' positions that are no record of the rows. */
export interface GapTotals {
  /** Markers of transactions, and records that were aborted or compacted. */
  readonly skipped: number;
  /** Records that Kafka deleted before they were read, acknowledged ones as well. */
  readonly lost: number;
}

export interface FindGaps {
  /** Of the log of these totals, up to their positions. */
  find(totals: Totals): Promise<GapTotals>;
}

interface Counted extends GapTotals {
  readonly logNumber: number;
  /** Counted up to this offset. */
  readonly upTo: bigint;
}

/** Makes the finder. It remembers one sum per partition. */
export function createGapTotals(sql: Database): FindGaps {
  const counted = new Map<number, Counted>();
  /** A rewind deletes gaps: then all are counted again. */
  const before = (partition: number, { logNumber, postgres }: Totals): Counted => {
    const known = counted.get(partition);
    const upTo = postgres.get(partition)?.nextOffset ?? 0n;
    const isValid = known?.logNumber === logNumber && known.upTo <= upTo;
    return isValid ? known : { logNumber, upTo: 0n, skipped: 0, lost: 0 };
  };
  return {
    async find(totals) {
      const { logNumber, postgres } = totals;
      const moved = [...postgres.values()]
        .map(({ partition, nextOffset }) => ({
          partition,
          from: before(partition, totals).upTo.toString(),
          to: nextOffset.toString(),
        }))
        .filter(({ from, to }) => from !== to);
      const rows = moved.length === 0 ? [] : await readGaps(sql, logNumber, moved);
      for (const { partition } of moved) {
        const known = before(partition, totals);
        const added = rows.find((row) => row.partition === partition);
        counted.set(partition, {
          logNumber,
          upTo: postgres.get(partition)?.nextOffset ?? 0n,
          skipped: known.skipped + (added?.skipped ?? 0),
          lost: known.lost + (added?.lost ?? 0),
        });
      }
      let sum: GapTotals = { skipped: 0, lost: 0 };
      for (const partition of postgres.keys()) {
        const { skipped, lost } = before(partition, totals);
        sum = { skipped: sum.skipped + skipped, lost: sum.lost + lost };
      }
      return sum;
    },
  };
}

interface Range {
  readonly partition: number;
  readonly from: string;
  readonly to: string;
}

function readGaps(
  sql: Database,
  logNumber: number,
  ranges: readonly Range[],
): Promise<(GapTotals & { readonly partition: number })[]> {
  return guarded(
    sql,
    async () =>
      await sql<(GapTotals & { readonly partition: number })[]>`
      select gap.partition,
        coalesce(sum(offsets) filter (where not lost), 0)::float8 as skipped,
        coalesce(sum(offsets) filter (where lost), 0)::float8 as lost
      from unnest(${arrayOf(ranges.map(({ partition }) => partition))}::integer[],
        ${arrayOf(ranges.map(({ from }) => from))}::bigint[],
        ${arrayOf(ranges.map(({ to }) => to))}::bigint[]) as moved (partition, low, high)
      join offset_gaps gap on gap.sink = 'postgres' and gap.log = ${logNumber}
        and gap.partition = moved.partition
        and gap.first_offset >= moved.low and gap.first_offset < moved.high
      group by gap.partition`,
  );
}

/** Numbers as PostgreSQL reads an array. */
function arrayOf(numbers: readonly (number | string)[]): string {
  return `{${numbers.join(",")}}`;
}
