/**
 * The `<script>` form: makes a client and sets it as the global `tally`. A page may set `tally`
 * before: its options, and in `q` the calls of `track()` until the script is loaded.
 */
import type { Client, ClientOptions } from "./api.ts";
import { createClient } from "./mod.ts";

/** The global `tally` before this script. */
interface Waiting extends Partial<ClientOptions> {
  /** Calls of `track()`, each with its time, ms since 1970. */
  readonly q?: readonly (readonly [number, Parameters<Client["track"]>])[];
}

const globals = globalThis as { tally?: Waiting | Client };
const waiting = (globals.tally ?? {}) as Waiting;
const { src } = document.currentScript as HTMLScriptElement;
const client = createClient({ url: new URL(src).origin, ...waiting });
globals.tally = client;
for (const [atMs, [eventType, payload, options]] of waiting.q ?? []) {
  client.track(eventType, payload, { ts: new Date(atMs), ...options });
}
