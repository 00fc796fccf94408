/** The events of a run that were found as rows or as archive lines, and whether they are right. */
import { isDeepStrictEqual } from "node:util";

import { expectedEvent, numberOfId, type RunOfEvents } from "../sending/events.ts";

/** A row or a line. */
export interface FoundEvent {
  readonly eventId: string;
  readonly sessionId: string;
  readonly eventType: string;
  /** UTC with milliseconds. */
  readonly ts: string;
  readonly receivedAt: string;
  /** Parsed. */
  readonly payload: unknown;
}

const EXAMPLES_MAX = 5;

/** Counts and compares; holds some bytes per event. */
export class FoundEvents {
  readonly #run: RunOfEvents;
  /** How often each event was found, by its number; saturates at 255. */
  readonly times: Uint8Array;
  /** Receive time of each, ms since 1970; 0 when it was not found. */
  readonly receivedAtMs: Float64Array;
  /** Number of rows or lines. */
  count = 0;
  /** Rows or lines of events that were never sent. */
  strange = 0;
  /** Rows or lines that differ from what was sent. */
  wrong = 0;
  /** How many there are by minute of `ts` and type, as they were sent: `2026-01-31T07:15 click`. */
  readonly byMinute = new Map<string, number>();
  /** Ids of a few strange or wrong ones. */
  readonly examples: string[] = [];

  /** @param total Highest event number plus one. */
  constructor(run: RunOfEvents, total: number) {
    this.#run = run;
    this.times = new Uint8Array(total);
    this.receivedAtMs = new Float64Array(total);
  }

  add(found: FoundEvent): void {
    this.count += 1;
    const number = numberOfId(this.#run, found.eventId);
    if (number === -1 || number >= this.times.length) {
      this.strange += 1;
      this.#count(found.ts, found.eventType);
      this.#note(found.eventId);
      return;
    }
    const { ts, eventType } = expectedEvent(this.#run, number);
    this.#count(ts ?? found.receivedAt, eventType);
    this.times[number] = Math.min(255, (this.times[number] ?? 0) + 1);
    this.receivedAtMs[number] = Date.parse(found.receivedAt);
    if (this.#isAsSent(number, found)) return;
    this.wrong += 1;
    this.#note(found.eventId);
  }

  #isAsSent(number: number, found: FoundEvent): boolean {
    const { ts, ...fields } = expectedEvent(this.#run, number);
    const { eventId, sessionId, eventType, payload } = found;
    return (
      found.ts === (ts ?? found.receivedAt) &&
      isDeepStrictEqual({ eventId, sessionId, eventType, payload }, fields)
    );
  }

  #count(ts: string, eventType: string): void {
    const key = `${ts.slice(0, "2026-01-31T07:15".length)} ${eventType}`;
    this.byMinute.set(key, (this.byMinute.get(key) ?? 0) + 1);
  }

  #note(eventId: string): void {
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(eventId);
  }
}
