/** Who looks at the page: with keys on, a session that a key has opened (docs/api.md). */
import { type Accessor, createSignal } from "solid-js";
import type { Asker } from "../questions/ask.ts";
import type { Place, Session } from "../sign_in/session_requests.ts";

export interface SessionState {
  /** Null until the processor has answered. */
  readonly session: Accessor<Session | null>;
  /** Whether the page must show the sign-in instead of its views. */
  readonly isKeyMissing: Accessor<boolean>;
  /** Whether the viewer may change something: resend a dead letter. */
  readonly mayOperate: Accessor<boolean>;
  /** Takes a session that the sign-in got, or asks for it. */
  readonly setSession: (session: Session) => void;
  readonly askSession: (asker: Asker) => Promise<void>;
  /** An answer was 401: the session has ended. */
  readonly noteKeyMissing: () => void;
}

export function createSession(): SessionState {
  const [session, setSession] = createSignal<Session | null>(null);
  const [isKeyMissing, setKeyMissing] = createSignal(false);
  const take = (next: Session): void => {
    setSession(next);
    setKeyMissing(next.keysOn && next.name === null);
  };
  return {
    session,
    isKeyMissing,
    mayOperate: () => session()?.scopes.includes("operate") ?? false,
    setSession: take,
    async askSession(asker) {
      const outcome = await asker.ask<Session>({ path: "api/session" }, NEVER);
      if (outcome.kind === "answered") take(outcome.answer);
    },
    noteKeyMissing: () => setKeyMissing(true),
  };
}

/** Where the page lies, for the cookie of its session. */
export function placeOf({ fetch }: Pick<Place, "fetch">): Place {
  return { fetch, path: new URL(".", document.baseURI).pathname };
}

/** The page asks once, and wants the answer for as long as it lives. */
const NEVER = new AbortController().signal;
