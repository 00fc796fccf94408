/** What came since the rows that are shown. Pure. */
import type { StoredEvent } from "@tally/shared/stored_events";

type Key = Pick<StoredEvent, "eventId" | "receivedAt">;

export interface Missed {
  readonly rows: number;
  /** Whether there are more: the newest page has none of the rows that are shown. */
  readonly isMore: boolean;
}

/**
 * Counts the rows of the newest page that are not shown. The rows are newest first; a page that
 * was asked before what is shown has older rows, too, and those did not come since.
 *
 * @param pageRows Rows of a full page.
 */
export function missedSince(
  shown: readonly Key[],
  newest: readonly Key[],
  pageRows: number,
): Missed {
  const known = new Set(shown.map(({ eventId }) => eventId));
  const last = shown.at(-1);
  const rows = newest.filter(
    (row) => !known.has(row.eventId) && (last === undefined || isNewer(row, last)),
  ).length;
  return { rows, isMore: rows >= pageRows };
}

/** The order of the rows: by the time of receipt, then by id. */
function isNewer(row: Key, other: Key): boolean {
  if (row.receivedAt === other.receivedAt) return row.eventId > other.eventId;
  return row.receivedAt > other.receivedAt;
}
