/**
 * The flow of an event: track → keep and wait for others → send (sender.ts) → forget when it is
 * acknowledged. Everything outside comes in as a `World`.
 */
import type { Client, ClientOptions } from "./api.ts";
import { attempt } from "./attempt.ts";
import { eventIdOf } from "./event_id.ts";
import { keptIn, type KeptValues } from "./kept_values.ts";
import { LEASE_MS } from "./lease.ts";
import { createReports } from "./reports.ts";
import { createSender } from "./sender.ts";
import { createUnsentEvents } from "./unsent_events.ts";
import type { World } from "./world.ts";

const CLOSE_MS_MAX = 10_000; // chosen
const nothing = (): void => undefined;

/** Makes a client in a world. */
export function createClientIn(world: World, options: ClientOptions): Client {
  const { batchAgeMsMax = 1000, batchEventsMax = 100, name = "tally" } = options;
  const { unsentEventsMax: eventsMax = 1000, unsentBytesMax: bytesMax = 1e6, writeKey } = options;
  const { wallNow, after } = world;
  const url = options.url.replace(/(\/events)?\/*$/, "/events");
  const kept = keptIn(options.persist === false ? null : world.storage);
  const newId = () => eventIdOf(wallNow(), world.randomNumbers());
  const visitor = options.sessionId ?? visitorId(kept, `${name}|visitor`, newId());
  const reports = createReports(options.onError ?? world.warn);
  const unsent = createUnsentEvents(
    { kept, prefix: `${name}|${url}|`, clientId: newId(), wallNow },
    { eventsMax, bytesMax, drop: reports.drop },
  );
  const { count } = unsent;
  let isGone = false;
  let cancelAdoption = nothing;
  let onEmpty = nothing; // Set by `close()`, which waits for it.
  const request = { url, writeKey, batchEventsMax };
  const sender = createSender(world, { ...reports, ...request, unsent, onEmpty: () => onEmpty() });
  /** Takes over what other pages have left, now and when a lease has ended. */
  const adopt = (): void => {
    cancelAdoption();
    cancelAdoption = unsent.adopt() ? after(LEASE_MS, adopt) : nothing;
    if (count()) sender.arm(0);
  };
  const endListening = world.onPage((state) => {
    // A page that is left is gone first and hidden after: its lease must not begin again.
    if (isGone && state === "hidden") return;
    isGone = state === "gone";
    if (state === "shown") return adopt();
    if (!isGone) return void sender.send();
    sender.leave();
    unsent.release();
  });
  adopt();
  return {
    track(eventType, payload = {}, own = {}) {
      // A program without types may give null.
      const { eventId = newId(), sessionId = visitor, ts = new Date(wallNow()) } = own ?? {};
      const event = { eventId, sessionId, eventType, ts };
      const json = attempt(() => JSON.stringify({ ...event, payload: asJson(payload) }));
      if (json) unsent.add(json);
      // A circle or a BigInt: the program goes on.
      else reports.drop(attempt(() => JSON.stringify(event)) ?? "{}", "not_json");
      if (count() >= batchEventsMax) void sender.send();
      sender.arm(batchAgeMsMax);
      return eventId;
    },
    flush: () => sender.send().then(count),
    close: (msMax = CLOSE_MS_MAX) =>
      new Promise((resolve) => {
        const earlier = onEmpty;
        const cancel = after(msMax, () => onEmpty());
        onEmpty = () => {
          onEmpty = nothing;
          const ends = [earlier, cancel, endListening, cancelAdoption, sender.stop, unsent.release];
          for (const end of ends) end();
          resolve(count());
        };
        void sender.send();
      }),
    get unsent() {
      return count();
    },
    get dropped() {
      return reports.dropped();
    },
  };
}

/** Ingest reads a text as JSON; written like this it stays the text that it is. */
function asJson(payload: unknown): unknown {
  return typeof payload === "string" ? JSON.stringify(payload) : payload;
}

/** The id that a browser keeps for its visitor. */
function visitorId(kept: KeptValues, key: string, newId: string): string {
  const id = kept.get(key) ?? newId;
  kept.set(key, id);
  return id;
}
