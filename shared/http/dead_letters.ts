/** Dead letters as the processor answers them, and as the page and the commands read them. */

/** The dead letters of one code. */
export interface DeadLetterCode {
  readonly code: string;
  /** All of them, resolved ones included. */
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Those that are not resolved; counted up to 100,000. */
  readonly unresolved: number;
  /**
   * Of the unresolved ones those of which a copy is on its way; a resend of all leaves them out.
   * Processors of older versions leave it out.
   */
  readonly onTheirWay?: number;
}

/** Every code that has dead letters, the most unresolved first. */
export interface DeadLetterCodes {
  readonly codes: readonly DeadLetterCode[];
}

/** Counting of unresolved letters stops here: more tells an operator nothing new. */
export const COUNTED_MAX = 100_000;

/** One dead letter without its bytes. */
export interface DeadLetterSummary {
  readonly id: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly eventId: string | null;
  readonly firstSeen: string;
  /** When it reached the DLQ topic, or null when it has not yet. */
  readonly publishedAt: string | null;
  readonly state: DeadLetterState;
  /** When its event became a row or another letter replaced it, or null when it is unresolved. */
  readonly resolvedAt: string | null;
  /** The dead letter that its resend became. */
  readonly supersededBy: string | null;
  /** When key, value and headers were cleared, or null when they are still stored. */
  readonly clearedAt: string | null;
}

/**
 * `open`: not resent yet, or the log lost the copy. `resent`: a copy is on its way. `superseded`:
 * the copy became a dead letter, which replaces this one. `resolved`: its event is a row.
 */
export type DeadLetterState = "open" | "resent" | "superseded" | "resolved";

/** One copy that Kafka has acknowledged. */
export interface Resend {
  readonly resentAt: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Id of the event in it, or null when it holds no event. */
  readonly eventId: string | null;
  /** `waiting` until the rows' position has passed it. */
  readonly outcome: "waiting" | "stored" | "dead" | "lost";
  /** The dead letter that it became. */
  readonly deadLetterId: string | null;
}

/** Newest first; `next` is null at the end. */
export interface DeadLettersPage {
  readonly deadLetters: readonly DeadLetterSummary[];
  readonly next: string | null;
}

/** Exact bytes, and their text when they are valid UTF-8. */
export interface Bytes {
  readonly base64: string;
  readonly text: string | null;
}

/** One dead letter with its bytes. */
export interface DeadLetterDetail extends DeadLetterSummary {
  /** Kafka's timestamp of the record, ms since 1970; negative when it had none. */
  readonly recordTimestampMs: string;
  readonly key: Bytes | null;
  readonly value: Bytes | null;
  readonly headers: readonly { readonly key: string; readonly value: Bytes | null }[];
  /** The dead letter that this one is a copy of: its resend failed again. */
  readonly copyOf?: string | null;
  /** Number of all resends; the list is kept until the bytes are cleared. */
  readonly resendsTotal: number;
  /** The newest ones first, at most 100. */
  readonly resends: readonly Resend[];
}

/** Where the copy of a dead letter is. */
export interface Resent {
  readonly deadLetterId: string;
  /** Id of the event in it, or null when it holds none and will be a dead letter again. */
  readonly eventId: string | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}
