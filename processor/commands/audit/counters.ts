/** Compares the counters of the positions with what the audit counted. Pure. */
import type { LedgerLine } from "./ledger.ts";
import type { ArchiveSums } from "./archive_check.ts";
import { beginOf, type SinkPosition } from "./audited_positions.ts";

/** A counter that differs from what was counted, as a sentence. */
export type CounterDifference = string;

/** Compares the position of the rows with the ledger of the whole partition. */
export function rowDifferences(position: SinkPosition, found: LedgerLine): CounterDifference[] {
  const { events, duplicates, deadLetters } = position;
  return [
    ...difference("events", events, found.rows),
    ...difference("duplicates", duplicates, found.duplicates),
    ...difference("dead_letters", deadLetters, found.deadLetters),
    ...difference("records", Number(position.records), events + duplicates + deadLetters),
    ...difference("event_types", position.byEventType, events),
    ...difference("dead_letter_codes", position.byDeadLetterCode, deadLetters),
  ];
}

/** Compares the position of the archive with all its ranges. */
export function archiveDifferences(position: SinkPosition, sums: ArchiveSums): CounterDifference[] {
  return [
    ...difference("events", position.events, sums.events),
    ...difference("objects", position.objects, sums.objects),
    ...difference("bytes", position.bytes, sums.bytes),
    ...beginDifference(beginOf(position), sums.firstOffset),
  ];
}

function difference(counter: string, counted: number, found: number): CounterDifference[] {
  return counted === found ? [] : [`${counter} is ${counted}, counted were ${found}`];
}

/**
 * The difference when the counters say that the archive began after its first range. A begin before
 * that range means that ranges are missing; the counters are not wrong then.
 */
function beginDifference(begin: bigint | null, first: bigint | null): CounterDifference[] {
  if (first === null || (begin !== null && begin <= first)) return [];
  return [`its records begin at ${begin ?? "no offset"}, its ranges begin at ${first}`];
}
