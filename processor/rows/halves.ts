/** Halves a batch to find the row that PostgreSQL refuses, and joins both results. Pure. */
import type { Batch, Written } from "../pipeline/sink.ts";

/** Splits a batch of two or more records; a gap between the halves goes with the first one. */
export function split(batch: Batch): [Batch, Batch] {
  const middle = Math.floor(batch.records.length / 2);
  return splitAt(batch, batch.records[middle]?.record.offset ?? batch.nextOffset);
}

/** Splits a batch where its second part begins; a gap before that goes with the first part. */
export function splitAt(batch: Batch, border: bigint): [Batch, Batch] {
  return [
    {
      ...batch,
      nextOffset: border,
      records: batch.records.filter(({ record }) => record.offset < border),
      gaps: batch.gaps.filter((gap) => gap.lastOffset < border),
    },
    {
      ...batch,
      firstOffset: border,
      records: batch.records.filter(({ record }) => record.offset >= border),
      gaps: batch.gaps.filter((gap) => gap.lastOffset >= border),
    },
  ];
}

/** The result of a batch from those of its halves. */
export function merge(batch: Batch, left: Written, right: Written): Written {
  return {
    batch,
    events: left.events + right.events,
    duplicates: left.duplicates + right.duplicates,
    deadLetters: [...left.deadLetters, ...right.deadLetters],
    already: left.already && right.already,
  };
}

/** A batch whose records PostgreSQL refuses: each becomes a dead letter. */
export function asRefused(batch: Batch): Batch {
  const decoded = { code: "database_rejected", pointer: "" } as const;
  return { ...batch, records: batch.records.map(({ record }) => ({ record, decoded })) };
}
