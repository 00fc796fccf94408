/** Losses: records that Kafka deleted before they were read, and who has acknowledged them. */
import { guarded, type Database } from "@tally/shared/database";

/** One loss; its offsets are both included. */
export interface Loss {
  readonly logNumber: number;
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  readonly records: number;
  readonly foundAt: string;
  /** Null until an operator has acknowledged it. */
  readonly acknowledged: Acknowledgement | null;
}

/** By whom and when a loss was acknowledged. */
export interface Acknowledgement {
  readonly at: string;
  readonly by: string;
  readonly note: string | null;
}

/** Reads every loss, by log, partition and offset. */
export async function readLosses(sql: Database): Promise<Loss[]> {
  const rows = await sql<LossRow[]>`
    select log, topic, partition, first_offset::text, last_offset::text, offsets::float8, seen_at,
      acknowledged_at, acknowledged_by, note
    from offset_gaps join logs using (log) where lost
    order by log, partition, offset_gaps.first_offset`;
  return rows.map((row) => ({
    logNumber: row.log,
    topic: row.topic,
    partition: row.partition,
    firstOffset: BigInt(row.first_offset),
    lastOffset: BigInt(row.last_offset),
    records: row.offsets,
    foundAt: row.seen_at.toISOString(),
    acknowledged: acknowledgementOf(row),
  }));
}

/**
 * Acknowledges losses, and no others that were found meanwhile.
 *
 * @returns How many were acknowledged now: another operator may have been faster.
 */
export function acknowledgeLosses(
  sql: Database,
  losses: readonly Loss[],
  { by, note }: Pick<Acknowledgement, "by" | "note">,
): Promise<number> {
  const keys = losses.map(({ logNumber, partition, firstOffset }) => ({
    log: logNumber,
    partition,
    first_offset: String(firstOffset),
  }));
  return guarded(sql, async () => {
    const rows = await sql`
      update offset_gaps gap
      set acknowledged_at = now(), acknowledged_by = ${by}, note = ${note}
      from jsonb_to_recordset(${JSON.stringify(keys)}::text::jsonb) as shown
        (log smallint, partition integer, first_offset bigint)
      where gap.log = shown.log and gap.partition = shown.partition
        and gap.first_offset = shown.first_offset and lost and acknowledged_at is null
      returning 1`;
    return rows.length;
  });
}

/** A loss in a few words. */
export function describeLoss({ topic, logNumber, partition, ...loss }: Loss): string {
  const { records, firstOffset, lastOffset, foundAt } = loss;
  const count = `${records.toLocaleString("en")} ${records === 1 ? "record" : "records"}`;
  return `${count} of partition ${partition} of ${topic} (log ${logNumber}), offsets ${firstOffset} to ${lastOffset}, found at ${foundAt}`;
}

interface LossRow {
  readonly log: number;
  readonly topic: string;
  readonly partition: number;
  readonly first_offset: string;
  readonly last_offset: string;
  readonly offsets: number;
  readonly seen_at: Date;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
  readonly note: string | null;
}

function acknowledgementOf(row: LossRow): Acknowledgement | null {
  const { acknowledged_at: at, acknowledged_by: by, note } = row;
  return at === null ? null : { at: at.toISOString(), by: by ?? "", note };
}
