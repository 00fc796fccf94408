/** What `bun run positions` reads: rows of `positions`, and Kafka's view of their logs. */
import { errorCode, type Config } from "@tally/shared";
import { connectAdmin, kafkaConnection, type Watermarks } from "@tally/shared/kafka";
import { guarded, type Database } from "@tally/shared/database";
import type { Sink } from "../../pipeline/sink.ts";
import type { Refusal } from "./refusal.ts";
import { planReturn, type RewindPlan } from "./rewind.ts";

/** One sink in one partition of one log. */
export interface PositionFacts {
  readonly sink: Sink["name"];
  /** Number of the log in the tables. */
  readonly logNumber: number;
  readonly topic: string;
  /** Whether the topic still is this log, or null when Kafka does not answer. */
  readonly isCurrent: boolean | null;
  readonly partition: number;
  readonly nextOffset: bigint;
  readonly plannedTo: bigint;
  readonly lastReceivedAt: string | null;
  readonly stopped: string | null;
  /** Null when Kafka does not answer, or has another log. */
  readonly watermarks: Watermarks | null;
  /** Offsets at which the log had no record to read. */
  readonly gapOffsets: bigint;
  /** Records that Kafka deleted before they were read, and that no operator has acknowledged. */
  readonly lostOffsets: bigint;
  /** The rewind back into the log when it ends below the position, or null when it does not. */
  readonly wayBack: RewindPlan | Refusal | null;
}

/** The topic as Kafka describes it. */
export interface TopicFacts {
  readonly topicId: string;
  readonly watermarks: ReadonlyMap<number, Watermarks>;
}

/**
 * Asks Kafka for the topic as it is now.
 *
 * @returns Null when there is no such topic.
 *
 * @throws {PipelineError} `broker_unavailable`.
 */
export async function readTopic(config: Pick<Config<"processor">, "kafka">) {
  const admin = await connectAdmin(kafkaConnection(config, CLIENT_ID));
  try {
    const { topic } = config.kafka;
    const described = await admin.describeTopic(topic, KAFKA_MS_MAX);
    if (described === null) return null;
    const numbers = Array.from({ length: described.partitions }, (_, partition) => partition);
    const watermarks = await admin.watermarks(topic, numbers, KAFKA_MS_MAX);
    return { topicId: described.topicId, watermarks } satisfies TopicFacts;
  } finally {
    await admin.disconnect();
  }
}

const CLIENT_ID = "tally-positions";
const KAFKA_MS_MAX = 5000;

/** Like `readTopic`, with `isAnswered: false` when Kafka does not answer. */
export async function readTopicIfThere(config: Pick<Config<"processor">, "kafka">) {
  try {
    return { topic: await readTopic(config), isAnswered: true };
  } catch (error) {
    if (errorCode(error) !== "broker_unavailable") throw error;
    return { topic: null, isAnswered: false };
  }
}

/**
 * Reads every position, log by log; an empty list when no processor has run yet.
 *
 * @param topic The topic as Kafka describes it, or undefined when it did not answer.
 */
export async function readFacts(
  sql: Database,
  name: string,
  topic: TopicFacts | null | undefined,
): Promise<PositionFacts[]> {
  const rows = await guarded(sql, () => sql<Row[]>`${select(sql)}`);
  const facts = rows.map((row) => {
    const isThis = row.topic === name && row.topic_id === topic?.topicId;
    return {
      sink: row.sink,
      logNumber: row.log,
      topic: row.topic,
      isCurrent: topic === undefined ? null : isThis,
      partition: row.partition,
      nextOffset: BigInt(row.next_offset),
      plannedTo: BigInt(row.planned_to),
      lastReceivedAt: row.last_received_at?.toISOString() ?? null,
      stopped: row.stopped,
      watermarks: (isThis ? topic?.watermarks.get(row.partition) : null) ?? null,
      gapOffsets: BigInt(row.gap_offsets),
      lostOffsets: BigInt(row.lost_offsets),
    };
  });
  return await Promise.all(
    facts.map(async (each) => ({ ...each, wayBack: await findWayBack(sql, each) })),
  );
}

async function findWayBack(
  sql: Database,
  { sink, logNumber, partition, nextOffset, watermarks }: Omit<PositionFacts, "wayBack">,
): Promise<PositionFacts["wayBack"]> {
  if (watermarks === null || nextOffset <= watermarks.high) return null;
  return await planReturn(sql, { sink, logNumber, partition, watermarks });
}

interface Row {
  readonly sink: Sink["name"];
  readonly log: number;
  readonly topic: string;
  readonly topic_id: string;
  readonly partition: number;
  readonly next_offset: string;
  readonly planned_to: string;
  readonly last_received_at: Date | null;
  readonly stopped: string | null;
  readonly gap_offsets: string;
  readonly lost_offsets: string;
}

const select = (sql: Database) => sql`
  select sink, log, topic, topic_id, partition, next_offset::text, planned_to::text,
    last_received_at, stopped, gap_offsets::text, lost_offsets::text
  from positions join logs using (log)
  cross join lateral (
    select coalesce(sum(offsets) filter (where not lost), 0) as gap_offsets,
      coalesce(sum(offsets) filter (where lost and acknowledged_at is null), 0) as lost_offsets
    from offset_gaps where (offset_gaps.sink, offset_gaps.log, offset_gaps.partition)
      = (positions.sink, positions.log, positions.partition)
  ) as gaps
  order by log, sink desc, partition`;
