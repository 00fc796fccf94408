/** When each request of a load test is due, and which events it carries. Pure. */

/** What a run asks for. */
export interface ScheduleOptions {
  /** 0: closed loop, a request is due as soon as a connection is free. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly batchEvents: number;
}

/** The requests of a run, by their number. */
export interface Schedule {
  /** Requests in all; in a closed loop only time ends it. */
  readonly requestsMax: number;
  /** When a request should leave, ms since the start; null: when a connection is free. */
  dueMs(request: number): number | null;
  /** Numbers of its events: `count` from `first` on. */
  events(request: number): { first: number; count: number };
}

/** Most events of one run; one byte each is held. */
export const RUN_EVENTS_MAX = 200_000_000;

/** Makes the schedule; with a rate the last request may carry fewer events. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { eventsPerSecond, seconds, batchEvents } = options;
  const eventsMax =
    eventsPerSecond === 0 ? RUN_EVENTS_MAX : Math.min(RUN_EVENTS_MAX, eventsPerSecond * seconds);
  return {
    requestsMax: Math.ceil(eventsMax / batchEvents),
    dueMs: (request) =>
      eventsPerSecond === 0 ? null : (request * batchEvents * 1000) / eventsPerSecond,
    events(request) {
      const first = request * batchEvents;
      return { first, count: Math.min(batchEvents, eventsMax - first) };
    },
  };
}
