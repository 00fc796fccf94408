/** Stored rows as `GET /events` answers them, and as the page reads them. */

/** One row. */
export interface StoredEvent {
  readonly eventId: string;
  readonly sessionId: string;
  readonly eventType: string;
  readonly ts: string;
  readonly receivedAt: string;
  readonly payload: unknown;
  /** Who sent it, as ingest knows; null when it did not know. */
  readonly source: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** A page; `next` is the cursor of the next page, or null at the end. */
export interface EventsPage {
  readonly events: readonly StoredEvent[];
  readonly next: string | null;
}
