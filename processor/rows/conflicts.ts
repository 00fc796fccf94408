/** Events whose id belongs to a row with other content: they become dead letters. Pure. */
import { isRecordFault } from "@tally/shared";
import type { DecodedRecord } from "../pipeline/sink.ts";

/**
 * The offsets in conflict after one more judgement of a batch.
 *
 * The first event of an id in the batch may turn out to be in conflict itself, because another
 * owner's event won meanwhile. Later events of that id were judged against an event that never
 * became a row. They are judged again, and may be duplicates of the row that won.
 *
 * @param before Offsets found in conflict by earlier judgements.
 * @param found Offsets that this judgement found.
 */
export function conflictsAfter(
  records: readonly DecodedRecord[],
  before: ReadonlySet<bigint>,
  found: readonly bigint[],
): ReadonlySet<bigint> {
  const conflicts = new Set(found);
  const judgedAgain = new Set<string>();
  for (const { record, decoded } of records) {
    if (isRecordFault(decoded)) continue;
    if (conflicts.has(record.offset)) judgedAgain.add(decoded.eventId);
    else if (before.has(record.offset) && !judgedAgain.has(decoded.eventId))
      conflicts.add(record.offset);
  }
  return conflicts;
}

/** The records of a batch with those at the given offsets marked as conflicts. */
export function withConflicts(
  records: readonly DecodedRecord[],
  conflicts: ReadonlySet<bigint>,
): readonly DecodedRecord[] {
  return records.map((entry) =>
    conflicts.has(entry.record.offset)
      ? { record: entry.record, decoded: { code: "id_conflict", pointer: "/eventId" } }
      : entry,
  );
}
