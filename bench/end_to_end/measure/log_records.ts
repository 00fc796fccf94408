/** Records as ingest publishes them, for rounds that begin at the log. */
import { encodeEvent } from "@tally/shared";
import type { OutgoingRecord } from "@tally/shared/kafka";

import { eventJson, runIds, type IdForm } from "../../load/event.ts";

/** Which events of a run. */
export interface RunPart {
  readonly run: string;
  readonly form: IdForm;
  /** Number of the first event. */
  readonly first: number;
  readonly count: number;
}

/** Makes the record of each event of a part, all accepted at the same time. */
export function logRecords(
  { run, form, first, count }: RunPart,
  receivedAtMs: number,
): OutgoingRecord[] {
  const ids = runIds(run, form);
  const receivedAt = new Date(receivedAtMs).toISOString();
  return Array.from({ length: count }, (_, index) => {
    const { payload, ...event } = JSON.parse(eventJson(ids, first + index)) as SentEvent;
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
