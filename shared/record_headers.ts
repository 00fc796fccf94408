/**
 * The headers that Tally writes on a record beside its event: why ingest rejected it, and of which
 * dead letter it is a copy. Data alone; the page reads them as well.
 */

/**
 * Headers of an event that ingest rejected and published all the same, because its sender would
 * have dropped it: why, and which field. A resend drops them, so that the value is judged again.
 */
export const REJECTED_HEADERS = {
  code: "tally.rejected",
  pointer: "tally.rejected.pointer",
  /** Name of the sender's key. */
  source: "tally.rejected.source",
  /** Size of the event when the value is only its beginning. */
  bytes: "tally.rejected.bytes",
} as const;

/** Headers of a resent record: its dead letter, and its first place in a log. */
export const RESENT_HEADERS = {
  letter: "tally.dead-letter.id",
  origin: "tally.dead-letter.origin",
} as const;

/** <topic id>/<partition>/<offset>/<timestamp, ms>: each as long as Kafka allows. */
export const ORIGIN_FORM = /^(.{1,64})\/(\d{1,10})\/(\d{1,19})\/(-1|\d{1,19})$/;
