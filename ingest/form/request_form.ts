/**
 * What differs from route to route: how a request says what its body is, which events the body
 * holds, and how the answer is worded. Everything between (deadlines, budgets, publishing, the
 * answer only after Kafka's acknowledgement) is one flow for all of them, in flow.ts.
 */
import type { Encoding } from "@tally/shared";
import type { Delivery } from "@tally/shared/kafka";
import type { Refusal } from "./refusal.ts";
import type { JudgeContext, Verdicts } from "./verdicts.ts";

/** One form of request: `POST /events` is one (events/events_form.ts). */
export interface RequestForm<Head extends RequestHead = RequestHead> {
  /**
   * Whether events that break a rule are published as dead letters: its senders never look at what
   * an answer says of single events. Absent when not.
   */
  readonly keepsRejected?: boolean;
  /** Reads what is known before the body: headers, and perhaps the path. */
  readHead(request: Request): Head | Refusal;
  /** Whether the body may hold the sender's key; when absent, it may. */
  mayHoldKey?(head: Head): boolean;
  /** Reads a whole, decompressed body, and refuses one that holds no events of this form. */
  parse(body: Buffer, head: Head): ParsedBody | Refusal;
  /** Words the answer: after the acknowledgement of every accepted event, or for a refusal. */
  answer(outcome: Accepted<Head> | Refusal, requestId: string): Response;
}

/** The part of a head that the flow itself needs. */
export interface RequestHead {
  readonly kind: "head";
  readonly encoding: Encoding;
}

/** A body whose events are not judged yet: before that the flow must know the sender. */
export interface ParsedBody {
  readonly kind: "parsed";
  /** The key that stands in the body; null when none does. One in a header comes before it. */
  readonly writeKey: string | null;
  /** Judges every event of the body, or refuses all of it. Pure. */
  judge(context: JudgeContext): Verdicts | Refusal;
}

/** The events of a request that keep every rule, and where they are in the log. */
export interface Accepted<Head extends RequestHead = RequestHead> {
  readonly kind: "accepted";
  readonly head: Head;
  readonly verdicts: Verdicts;
  /** Places of `verdicts.events`, in the same order. */
  readonly deliveries: readonly Delivery[];
}
