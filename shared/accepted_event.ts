/**
 * The accepted event and its canonical encoding: the record's value on Kafka and
 * the line in the archive, byte for byte.
 */

/** An event that keeps every rule; nothing after ingest refuses it. */
export interface AcceptedEvent {
  /** 1..64 of `[A-Za-z0-9._:-]`, not only dots; compared exactly. */
  readonly eventId: string;
  /** 1..128 characters (code points). */
  readonly sessionId: string;
  /** 1..128 characters (code points). */
  readonly eventType: string;
  /** When it happened, UTC with milliseconds; the receive time when the client gave none. */
  readonly ts: string;
  /** When ingest received it, UTC with milliseconds. */
  readonly receivedAt: string;
  /** JSON text, as `JSON.stringify` prints the parsed value. */
  readonly payload: string;
  /**
   * Who sent it, as ingest knows it and not as the sender says: 1..64 of `[A-Za-z0-9._-]`. Absent
   * when ingest does not know. No part of the content: two events that differ only here are equal.
   */
  readonly source?: string;
}

/** The canonical encoding: one line, fields in the fixed order, no white space. */
export function encodeEvent(event: AcceptedEvent): string {
  const context = event.source === undefined ? "" : `,"context":{"source":"${event.source}"}`;
  return `{"eventId":"${event.eventId}","sessionId":${JSON.stringify(event.sessionId)},"eventType":${JSON.stringify(event.eventType)},"ts":"${event.ts}","receivedAt":"${event.receivedAt}","payload":${event.payload}${context}}`;
}
