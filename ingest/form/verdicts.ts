/** The verdicts on the events of one request: the good ones beside the rejections. Pure. */
import {
  isEventId,
  isRejection,
  parseEvent,
  type Config,
  type EventLimits,
  type JudgedEvent,
  type RawEvent,
  type Rejection,
} from "@tally/shared";
import type { Refusal } from "./refusal.ts";
import type { RejectedEvent } from "./rejected_event.ts";

/** What the verdicts depend on besides the body. */
export interface JudgeContext {
  readonly limits: EventLimits;
  /** Most events in one request. */
  readonly batchEventsMax: number;
  /** Receive time, ms since 1970. */
  readonly receivedAtMs: number;
  /** The name of the sender's key; null when the sender is not known. */
  readonly source: string | null;
  /** The event types that the sender may send; null when it may send all. */
  readonly eventTypes: ReadonlySet<string> | null;
  /** Whether rejected events are published as dead letters, where a form can do it. */
  readonly keepsRejected?: boolean;
}

/** A rejection and the event's place in the request, from 0. */
export interface IndexedRejection extends Rejection {
  readonly index: number;
}

/** The verdict on every event of a request. */
export interface Verdicts {
  readonly kind: "verdicts";
  /** Whether the request was one event, not a list of events. */
  readonly isSingle: boolean;
  /** In the order of the request. */
  readonly events: readonly JudgedEvent[];
  /** Place of each of `events` in the request. */
  readonly indexes: readonly number[];
  readonly rejections: readonly IndexedRejection[];
  /** Rejected events that are published, too, as dead letters; absent when there are none. */
  readonly kept?: readonly RejectedEvent[];
  /** Bytes that the events hold beyond those of the body; absent when there are none. */
  readonly copiedBytes?: number;
}

/** The limits of an event that the options set. */
export function eventLimits(ingest: Config<"ingest">["ingest"]): EventLimits {
  return {
    eventBytesMax: ingest.eventBytesMax,
    nestingMax: ingest.nestingMax,
    valuesMax: ingest.valuesMax,
    pastMsMax: ingest.pastDaysMax * 86_400_000,
    futureMsMax: ingest.futureMinutesMax * 60_000,
    tsOutside: ingest.tsOutside,
  };
}

/** How many of the events have the receive time instead of a `ts` outside the window. */
export function countReplaced(events: readonly JudgedEvent[]): number {
  return events.reduce((count, { tsReplaced }) => (tsReplaced === true ? count + 1 : count), 0);
}

/** The refusal of a request whose events all break a rule. */
export function allRejected({ isSingle, rejections }: Verdicts): Refusal {
  const [first] = rejections;
  if (isSingle && first !== undefined) {
    return { kind: "refused", code: first.code, pointer: first.pointer };
  }
  return { kind: "refused", code: "batch_rejected", rejected: rejections };
}

/** Collects the verdicts of one request. */
export interface Judge extends Verdicts {
  /** Events so far. */
  readonly taken: number;
  /** @param badNumber As for `parseEvent`. */
  take(raw: RawEvent, badNumber: boolean): void;
  /** An event that can't be read at all. */
  reject(rejection: Rejection): void;
}

/** Events that come in the words of another format. */
export interface Translation {
  /** Translates an event, gives it its id, and lets `parseEvent` judge the result. */
  readonly judgeEvent: typeof parseEvent;
  /** Where the event's type stands in that format. */
  readonly typePointer: string;
}

/** What `createJudge` needs to know. */
export interface JudgeOptions extends Omit<JudgeContext, "batchEventsMax"> {
  /** Null, or absent, for events in Tally's own words. */
  readonly translation?: Translation | null;
}

/**
 * Starts without a verdict.
 *
 * @param isSingle Whether the request is one event, not a list of events.
 * @param newEventId Makes the id of the event at an index of the request, when it has none.
 */
export function createJudge(
  { limits, receivedAtMs, source, eventTypes, translation = null }: JudgeOptions,
  isSingle: boolean,
  newEventId: (index: number) => string,
): Judge {
  const events: JudgedEvent[] = [];
  const indexes: number[] = [];
  const rejections: IndexedRejection[] = [];
  let taken = 0;
  const parseContext = { limits, receivedAtMs, newEventId: () => newEventId(taken) };
  const judgeEvent = translation?.judgeEvent ?? parseEvent;
  return {
    kind: "verdicts",
    isSingle,
    events,
    indexes,
    rejections,
    get taken() {
      return taken;
    },
    take(raw, badNumber) {
      const verdict = judgeEvent(raw, parseContext, badNumber);
      if (isRejection(verdict)) {
        rejections.push({ index: taken, ...verdict });
      } else if (eventTypes !== null && !eventTypes.has(verdict.eventType)) {
        rejections.push({ index: taken, ...typeNotAllowed(raw, verdict, translation) });
      } else {
        events.push(source === null ? verdict : stamp(verdict, source));
        indexes.push(taken);
      }
      taken++;
    },
    reject(rejection) {
      rejections.push({ index: taken, ...rejection });
      taken++;
    },
  };
}

function typeNotAllowed(
  raw: RawEvent,
  { eventId }: JudgedEvent,
  translation: Translation | null,
): Rejection {
  const pointer = translation?.typePointer ?? "/eventType";
  // An id that was made here says nothing to the sender.
  const isOwn = translation !== null || isEventId((raw as { readonly eventId?: unknown }).eventId);
  return { code: "event_type_not_allowed", pointer, ...(isOwn && { eventId }) };
}

/** Adds the sender to an event that nothing else refers to yet: a copy would cost as much again. */
function stamp(event: JudgedEvent, source: string): JudgedEvent {
  const own: { -readonly [Name in keyof JudgedEvent]: JudgedEvent[Name] } = event;
  own.source = source;
  return event;
}
