/** What frames are made of, as a test changes it while they are made. Test support. */
import { PipelineError, silentLog } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import type { FramesOptions } from "../frame_loop.ts";
import type { TopicLook } from "../../pipeline/topic.ts";
import { NO_OWNERS } from "./frames.ts";

export const NOW_MS = Date.parse("2026-01-31T07:00:00.000Z");
export const LOG = { logNumber: 1, topic: "events", topicId: "id" };

/** A world that the test changes while frames are made. */
export class World {
  nowMs = NOW_MS;
  /** How wrong the machine's clock is. */
  wrongMs = 0;
  topicLog: typeof LOG | null = LOG;
  records = 0;
  position = 0n;
  /** Of partition 0, or null while Kafka is down. */
  high: bigint | null = 0n;
  /** High watermarks of the partitions after that; null for one without a leader. */
  others: readonly (bigint | null)[] = [];
  topicId = LOG.topicId;
  /** `held`: it answers as soon as `answerHeld` is called. */
  database: "up" | "down" | "hanging" | "held" = "up";
  /** The counts alone. */
  counts: "up" | "down" | "hanging" = "up";
  readonly #held = Promise.withResolvers<void>();
  reads = 0;
  readonly errors: unknown[] = [];

  options(changes: Partial<FramesOptions> = {}): FramesOptions {
    return {
      sql: this.#sql(),
      topicLog: () => this.topicLog,
      look: () => this.#look(),
      states: () => ({ s3: "up" }),
      archiveEnabled: false,
      retentionMs: 3_600_000,
      intervalMs: 1000,
      wallNow: () => this.nowMs + this.wrongMs,
      monotonicNow: () => this.nowMs - NOW_MS,
      log: silentLog(),
      processors: () => ({ otherGroups: [], owners: NO_OWNERS }),
      subscribers: () => 0,
      onFrame: () => undefined,
      onError: (error) => this.errors.push(error),
      ...changes,
    };
  }

  /** The database answers from now on. */
  answerHeld(): void {
    this.database = "up";
    this.#held.resolve();
  }

  async #look(): Promise<TopicLook> {
    if (this.high === null) throw new PipelineError("broker_unavailable", "Cannot look");
    const highs = [this.high, ...this.others];
    const watermarks = new Map(
      highs.flatMap((high, partition) =>
        high === null ? [] : [[partition, { low: 0n, high }] as const],
      ),
    );
    return { topicId: this.topicId, partitions: highs.length, watermarks };
  }

  #sql(): Database {
    const run = async (texts: readonly string[]): Promise<object[]> => {
      const isOfCounts = texts.join("").includes("counted_events");
      if (!isOfCounts) this.reads += 1;
      const states = [this.database, ...(isOfCounts ? [this.counts] : [])];
      if (states.includes("hanging")) await new Promise(() => undefined);
      if (states.includes("held")) await this.#held.promise;
      if (states.includes("down")) throw new Error("connect ECONNREFUSED");
      return [isOfCounts ? this.#counted() : this.#row()];
    };
    return run as unknown as Database;
  }

  #counted(): object {
    const counted = [{ minuteMs: NOW_MS, eventType: "a", events: this.records }];
    return { atMs: this.nowMs, minuteMs: NOW_MS, isComplete: true, counted };
  }

  #row(): object {
    return {
      at_ms: this.nowMs,
      sink: "postgres",
      partition: 0,
      next_offset: String(this.position),
      last_received_at_ms: null,
      records: this.records,
      events: this.records,
      duplicates: 0,
      dead_letters: 0,
      objects: 0,
      bytes: 0,
      last_key: null,
      event_types: {},
      dead_letter_codes: {},
      latency: [],
      latency_ms_sum: 0,
      lost_records: 0,
      stopped: null,
    };
  }
}

export const WAIT_MS = 20;
