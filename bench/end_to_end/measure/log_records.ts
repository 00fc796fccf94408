/** Records as ingest publishes them, for rounds that begin at the log. */
import { encodeEvent } from "@tally/shared";
import type { OutgoingRecord } from "@tally/shared/kafka";

import { eventJson, runIds } from "../../load/event.ts";

/** Makes the record of each event of a run, all accepted at the same time. */
export function logRecords(options: {
  readonly run: string;
  readonly count: number;
  readonly receivedAtMs: number;
}): OutgoingRecord[] {
  const { run, count, receivedAtMs } = options;
  const ids = runIds(run);
  const receivedAt = new Date(receivedAtMs).toISOString();
  return Array.from({ length: count }, (_, number) => {
    const { payload, ...event } = JSON.parse(eventJson(ids, number)) as SentEvent;
    const accepted = { ...event, ts: receivedAt, receivedAt, payload: JSON.stringify(payload) };
    const value = Buffer.from(encodeEvent(accepted));
    return { key: event.sessionId, value, timestampMs: receivedAtMs };
  });
}

interface SentEvent {
  readonly eventId: string;
  readonly sessionId: string;
  readonly eventType: string;
  readonly payload: unknown;
}
