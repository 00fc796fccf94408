/** Puts together who may do what on 8082: what is read, what is judged, and what is ended. */
import { sleep, type Config, type Log, type MonotonicClock } from "@tally/shared";
import { createAccess, OPEN_ACCESS, type Access } from "./access.ts";
import { CredentialCache, type ReadCredentials } from "./credentials.ts";
import { SignInLimit } from "./sign_in_limit.ts";
import type { SessionStore } from "./stored_access.ts";
import { startWatch, type Watch } from "./watch.ts";

/** What the routes need. */
export interface AccessParts {
  /** Ends the streams of those who are not allowed them any more. */
  readonly watch: Watch;
  readonly sessions: SessionParts;
}

/** What sign-in and sign-out work with. */
export interface SessionParts {
  readonly access: Access;
  readonly store: SessionStore;
  readonly limit: SignInLimit;
  /** How long a session lasts. */
  readonly hours: number;
  readonly log: Log;
}

export interface AccessOptions {
  readonly config: Pick<Config<"processor">, "http" | "processor">;
  readonly read: ReadCredentials;
  readonly store: SessionStore;
  readonly log: Log;
  readonly now: MonotonicClock;
  /** Waits between two reads; a test gives a pause of its own, so that it does not wait. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Starts to watch; PostgreSQL is asked when the first key comes. */
export function startAccess(options: AccessOptions): AccessParts {
  const { config, read, store, log, now, pause = sleep } = options;
  const onError = (error: unknown): void => log.warn({ error }, "Keys could not be read.");
  const cache = new CredentialCache({ read, now, pause, onError });
  const access = config.http.keysOn ? createAccess(cache) : OPEN_ACCESS;
  const limit = new SignInLimit(now);
  const hours = config.processor.sessionHours;
  return { watch: startWatch(access), sessions: { access, store, limit, hours, log } };
}
