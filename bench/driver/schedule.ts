/** When each request of a load is due, and which events it carries. Pure. */
import type { NumberRange } from "./ledger.ts";

/** What a run asks for. */
export interface ScheduleOptions {
  /** 0: closed loop, a request is due as soon as a connection is free. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly batchEvents: number;
  /** Number of the first event; 0 when absent. */
  readonly first?: number;
}

/** The requests of a run, by their number from 0. */
export interface Schedule {
  /** Requests in all; in a closed loop only time ends the run. */
  readonly requestsMax: number;
  /** Events of all these requests. */
  readonly eventsMax: number;
  /** When a request should leave, ms since the start, or null when it waits for a connection. */
  dueMs(request: number): number | null;
  /** The events of a request. */
  events(request: number): NumberRange;
}

/** Most events of one run; a ledger holds one byte for each. */
export const RUN_EVENTS_MAX = 200_000_000;

/** Makes the schedule; with a rate the last request may carry fewer events. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { eventsPerSecond, seconds, batchEvents, first: firstEvent = 0 } = options;
  const eventsMax =
    eventsPerSecond === 0 ? RUN_EVENTS_MAX : Math.min(RUN_EVENTS_MAX, eventsPerSecond * seconds);
  return {
    requestsMax: Math.ceil(eventsMax / batchEvents),
    eventsMax,
    dueMs: (request) =>
      eventsPerSecond === 0 ? null : (request * batchEvents * 1000) / eventsPerSecond,
    events(request) {
      const first = request * batchEvents;
      return { first: firstEvent + first, count: Math.min(batchEvents, eventsMax - first) };
    },
  };
}
