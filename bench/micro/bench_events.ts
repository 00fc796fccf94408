/**
 * Inputs of the microbenchmarks, the same for every run. They take turns, because
 * the engine would optimize a constant input away.
 */
import { FIXED_EVENT_LIMITS, type AcceptedEvent, type ParseContext } from "@tally/shared";

import { eventJson, runIds } from "../load/event.ts";

/** How many inputs take turns: more texts than any cache of the engine holds. */
export const INPUTS = 1024;
/** Any moment: nothing depends on it. */
export const RECEIVED_AT_MS = Date.UTC(2026, 0, 31, 7, 13, 32, 345);

const ids = runIds("bench");

/** Events as a client sends them, JSON; about 170 bytes each. */
export const eventTexts: readonly string[] = Array.from({ length: INPUTS }, (_, number) =>
  eventJson(ids, number),
);

/** Some clients send the payload as a string that holds JSON. */
export const demoEventTexts: readonly string[] = eventTexts.map((text) => {
  const event = JSON.parse(text) as { payload: unknown };
  return JSON.stringify({ ...event, payload: JSON.stringify(event.payload) });
});

/** The same events, accepted. */
export const acceptedEvents: readonly AcceptedEvent[] = eventTexts.map((text, number) => {
  const event = JSON.parse(text) as AcceptedEvent;
  const time = new Date(RECEIVED_AT_MS + number).toISOString();
  return { ...event, ts: time, receivedAt: time, payload: JSON.stringify(event.payload) };
});

/** How ingest judges events by default. */
export const parseContext: ParseContext = {
  limits: { ...FIXED_EVENT_LIMITS, tsOutside: "replace" },
  receivedAtMs: RECEIVED_AT_MS,
  newEventId: () => Bun.randomUUIDv7(),
};

/** Makes a function that returns the next input at each call. */
export function inTurn<T>(inputs: readonly T[]): () => T {
  let next = 0;
  return () => inputs[next++ % inputs.length] as T;
}
