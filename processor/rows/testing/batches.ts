/** Events and batches of them for the tests of the rows. Pure. Test support. */
import { decodeRecord, encodeEvent, type AcceptedEvent } from "@tally/shared";
import type { Batch } from "../../pipeline/sink.ts";

export const RECEIVED_MS = Date.parse("2026-01-31T07:00:00.000Z");
const TYPES = ["page_view", "__proto__", 'a "quoted" \\ type', "{null}", "ÄÖ", "page_view"];

export function event(eventId: string, changes: Partial<AcceptedEvent> = {}): AcceptedEvent {
  const at = new Date(RECEIVED_MS).toISOString();
  return {
    eventId,
    sessionId: "s-1",
    eventType: "page_view",
    ts: at,
    receivedAt: at,
    payload: '{"n":1}',
    ...changes,
  };
}

/** A batch of events, or of the values of their records. */
export function batchOf(
  partition: number,
  firstOffset: bigint,
  values: readonly (AcceptedEvent | Buffer)[],
): Batch {
  const records = values.map((value, index) => {
    const record = {
      topic: "topic",
      partition,
      offset: firstOffset + BigInt(index),
      timestampMs: RECEIVED_MS,
      key: Buffer.from("k"),
      value: Buffer.isBuffer(value) ? value : Buffer.from(encodeEvent(value)),
      headers: [],
    };
    return { record, decoded: decodeRecord(record, "topic-id") };
  });
  return {
    partition,
    firstOffset,
    nextOffset: firstOffset + BigInt(values.length),
    records,
    gaps: [],
    reason: "records",
  };
}

/** A batch of events with these ids; sessions, types and payloads need quoting. */
export function batchOfIds(
  firstOffset: number,
  ids: readonly string[],
  {
    partition = 0,
    types = TYPES,
    filler = "",
  }: { partition?: number; types?: readonly string[]; filler?: string } = {},
): Batch {
  const events = ids.map((eventId, index) => {
    const at = new Date(RECEIVED_MS + index).toISOString();
    return event(eventId, {
      sessionId: `s "${index}"`,
      eventType: types[index % types.length] ?? "",
      ts: at,
      receivedAt: at,
      payload: `{"n":[${index},null,"}\\"${filler}"]}`,
    });
  });
  return batchOf(partition, BigInt(firstOffset), events);
}

export const newIds = (count: number) => Array.from({ length: count }, () => Bun.randomUUIDv7());
