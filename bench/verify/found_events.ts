/** What was found of a run's events in one place, rows or archive lines, and if it is right. */
import { isDeepStrictEqual } from "node:util";

import { expectedEvent, numberOfId, type RunOfEvents } from "./events.ts";

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

/** Counts and compares; holds some bytes an event. */
export class FoundEvents {
  readonly #run: RunOfEvents;
  /** How often each event was found, by its number; saturates at 255. */
  readonly times: Uint8Array;
  /** Receive time of each, ms since 1970; 0: not found. */
  readonly receivedAtMs: Float64Array;
  /** Rows or lines, all of them. */
  count = 0;
  /** Of events that nobody sent. */
  strange = 0;
  /** That hold something else than was sent. */
  wrong = 0;
  /** Ids of what is strange or wrong. */
  readonly examples: string[] = [];

  /** @param total Numbers run from 0 up to before this. */
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
      this.#note(found.eventId);
      return;
    }
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

  #note(eventId: string): void {
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(eventId);
  }
}
