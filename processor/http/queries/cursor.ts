/**
 * A cursor marks where the next page of a list begins: the sort keys of the last row,
 * joined by "_". Its pattern is exact: whatever matches is a place that PostgreSQL knows.
 */

/** Writes a cursor. */
export function encodeCursor(keys: readonly string[]): string {
  return keys.join("_");
}

/** Id of a dead letter. */
export const DEAD_LETTER_ID = /^[0-9]{1,18}$/;
/** Of `GET /events`: microseconds since 1970 of receivedAt, and the event id. */
export const EVENTS_CURSOR = /^(-[0-9]{1,17}|[0-9]{1,18})_([A-Za-z0-9._:-]{1,64})$/;
/** Of dead letters: the id. */
export const LETTERS_CURSOR = /^([0-9]{1,18})$/;
/** Of `GET /archive/objects`: log, partition, first offset. */
export const OBJECTS_CURSOR = /^([0-9]{1,4})_([0-9]{1,9})_([0-9]{1,18})$/;

/** Reads a cursor of a pattern, or gives null when it is not one. */
export function decodeCursor(text: string, pattern: RegExp): readonly string[] | null {
  return pattern.exec(text)?.slice(1) ?? null;
}
