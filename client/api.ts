/**
 * What the package offers. The build copies this file into the published types, so it holds
 * declarations only and imports nothing.
 */

/** How to make a client. */
export interface ClientOptions {
  /** Address of ingest, `https://in.example.com`; `/events` is added when it is not there. */
  readonly url: string;
  /** A key with the scope `write`. In a web page it is public. */
  readonly writeKey?: string;
  /**
   * Session of every event that names no other. In a browser without it: a random id that is kept
   * in localStorage. Elsewhere: a random id for each client.
   */
  readonly sessionId?: string;
  /** Events in one request, 1 to 5,000; 100 when absent. A full batch is sent at once. */
  readonly batchEventsMax?: number;
  /** How long an event waits for others before it is sent, ms; 1,000 when absent. */
  readonly batchAgeMsMax?: number;
  /** Events that may wait; 1,000 when absent. Beyond this the oldest are dropped. */
  readonly unsentEventsMax?: number;
  /** Bytes of the events that may wait; 1,000,000 when absent. Beyond this, too, the oldest go. */
  readonly unsentBytesMax?: number;
  /** Keeps events and the session in localStorage where there is one; false: in memory only. */
  readonly persist?: boolean;
  /** First part of the keys in localStorage: for two clients on one origin; "tally" when absent. */
  readonly name?: string;
  /** Called when an event is dropped or events are delayed; without it the console is. */
  readonly onError?: (trouble: Trouble) => void;
}

/** Where an event differs from the defaults. */
export interface TrackOptions {
  /** 1 to 64 of `A-Z a-z 0-9 . _ : -`, one row however often it is sent; a new one when absent. */
  readonly eventId?: string;
  /** When it happened: a date, RFC 3339 with a zone, or ms since 1970; now when absent. */
  readonly ts?: Date | string | number;
  readonly sessionId?: string;
}

/** An event as it is sent. */
export interface TrackedEvent {
  readonly eventId: string;
  readonly sessionId: string;
  readonly eventType: string;
  readonly ts: string | number;
  /** Absent when it could not be made JSON. */
  readonly payload?: unknown;
}

/** What went wrong. */
export type Trouble =
  /** This event is lost. `code` is ingest's reason, or `too_many_unsent`, or `not_json`. */
  | {
      readonly kind: "dropped";
      readonly code: string;
      /** The HTTP status of the answer; 0 when there was none. */
      readonly status: number;
      readonly event: TrackedEvent;
    }
  /** Nothing is lost: the events wait for the next attempt. `code` is `no_answer` without one. */
  | {
      readonly kind: "delayed";
      readonly code: string;
      readonly status: number;
      /** Time until the next attempt. */
      readonly retryMs: number;
    };

/** Sends events. */
export interface Client {
  /**
   * Takes one event and returns its id. It never throws and never waits.
   *
   * @param eventType 1 to 128 characters, `page_view`.
   * @param payload Any value that JSON can hold; `{}` when absent.
   */
  track(eventType: string, payload?: unknown, options?: TrackOptions): string;
  /**
   * Sends what waits, each batch once, unless the client pauses after a failure.
   *
   * @returns How many events still wait; 0 means that ingest has acknowledged all of them.
   */
  flush(): Promise<number>;
  /**
   * Sends what waits, with all retries that fit into the time, and stops the timers: for the end
   * of a program.
   *
   * @param msMax 10,000 when absent.
   * @returns How many events were not acknowledged. A browser keeps them for the next page.
   */
  close(msMax?: number): Promise<number>;
  /** Events without an acknowledgement. */
  readonly unsent: number;
  /** Events that this client has dropped. */
  readonly dropped: number;
}
