/** The package: `createClient()` in the world of a page or of a process. */
import { monotonicNow, wallNow } from "@tally/shared/clock";
import type { Client, ClientOptions } from "./api.ts";
import { attempt } from "./attempt.ts";
import { createClientIn } from "./client.ts";
import type { PageStorage } from "./kept_values.ts";
import type { PageState, World } from "./world.ts";

export type * from "./api.ts";

/** Makes a client. It works in browsers, Bun, Node.js and Deno. */
export function createClient(options: ClientOptions): Client {
  return createClientIn(realWorld(), options);
}

function realWorld(): World {
  return {
    fetch: (url, init) => fetch(url, init),
    beacon: (url, text) => navigator.sendBeacon(url, text),
    storage: findStorage(),
    wallNow,
    now: monotonicNow,
    random: Math.random,
    randomNumbers: () => crypto.getRandomValues(new Uint32Array(3)),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onPage: listenToPage,
    warn: (trouble) => console.warn("tally:", trouble),
  };
}

/** The storage of a page. Outside of pages there is none, or one that many programs share. */
function findStorage(): PageStorage | null {
  // There is no page, or its user forbids cookies.
  return attempt(() => document && localStorage) ?? null;
}

function listenToPage(listener: (state: PageState) => void): () => void {
  const end = new AbortController();
  const onChange = ({ type }: Event): void =>
    listener(type === "pagehide" ? "gone" : document.hidden ? "hidden" : "shown");
  // A page that comes back from the browser's cache goes on where it was: `pageshow`.
  for (const type of ["visibilitychange", "pagehide", "pageshow"]) {
    // Node.js has no such function, and no other program gets these events.
    globalThis.addEventListener?.(type, onChange, end);
  }
  return () => end.abort();
}
