/** A DLQ topic that the test plays, and the copies on it. Test support only. */
import { loadConfig, PipelineError, silentLog, type Log } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import type { Database } from "@tally/shared/database";
import type { CopyReader } from "../copy_reader.ts";
import { encodeHeaders } from "../dead_letter.ts";
import { writeCopy, type PublishedLetter } from "../letter_copy.ts";
import { createLetterTopic, type LetterTopicOptions } from "../letter_topic.ts";

/** The id of the DLQ topic. */
export const DLQ_ID = "dlq-id";
const config = loadConfig({ KAFKA_TOPIC: "topic" }, "processor");

/** The copy of a letter at an offset of partition 0 of the log. */
export function copyOf(offset: number, changes: Partial<PublishedLetter> = {}): ConsumedRecord {
  const letter: PublishedLetter = {
    id: "1",
    topic: "topic",
    topic_id: "topic-id",
    partition: 0,
    offset: String(offset),
    code: "field_invalid",
    pointer: "/eventType",
    message: "Then",
    event_id: null,
    key: null,
    value: Buffer.from("bytes"),
    headers: encodeHeaders([]),
    record_timestamp_ms: "1769843612345",
    ...changes,
  };
  const { key, value, headers = [] } = writeCopy(letter, false);
  const place = { topic: "events.DLQ", partition: 0, offset: 0n, timestampMs: 1_769_843_613_000 };
  return { ...place, key: key as Buffer | null, value: value as Buffer | null, headers };
}

export const FOREIGN: ConsumedRecord = { ...copyOf(0), headers: [] };

/** A cluster with a log of 100 offsets, and a DLQ topic with these records in one partition. */
export function cluster(database: () => Database, copies: readonly ConsumedRecord[]) {
  const seen = { looks: 0, reads: 0, read: [] as bigint[] };
  const lines: string[] = [];
  let time = 0;
  const state = {
    copies: [...copies],
    /** Looks that fail before one succeeds. */
    failures: 0,
    error: new PipelineError("broker_unavailable", "away"),
    low: 0n,
    isThere: true,
    isLed: true,
  };
  const read: CopyReader = async function* ([range]) {
    seen.reads += 1;
    if (range === undefined) return;
    for (let at = range.from; at < range.end; at++) {
      seen.read.push(at);
      const record = state.copies[Number(at)];
      const records = record === undefined ? [] : [{ ...record, offset: at }];
      yield { records, nextOffsets: new Map([[0, at + 1n]]) };
    }
  };
  const admin: LetterTopicOptions["admin"] = {
    async describeTopic(topic) {
      seen.looks += 1;
      if (topic === "topic") return { topicId: "topic-id", partitions: 1 };
      if (state.failures-- > 0) throw state.error;
      return state.isThere ? { topicId: DLQ_ID, partitions: 1 } : null;
    },
    async watermarks(topic) {
      const high = topic === "topic" ? 100n : BigInt(state.copies.length);
      return new Map(state.isLed || topic === "topic" ? [[0, { low: state.low, high }]] : []);
    },
  };
  const note = (_: unknown, text: string) => lines.push(text);
  const log = { ...silentLog(), info: note, warn: note, error: note } as unknown as Log;
  const open = () =>
    createLetterTopic({
      sql: database(),
      config,
      admin,
      read,
      log,
      // Each look at the clock takes ten seconds, so that what is bounded ends soon.
      now: () => (time += 10_000),
      random: () => 0,
    });
  return { state, seen, lines, open };
}
