/**
 * The event `counts` of the stream: the minute that is open, and the one before, by event type.
 * Read once per frame for all viewers, also while there are none, so that the first answer to a new
 * viewer has it. One statement; its answer is bounded by `TYPES_MAX`, its time by `PAUSE`.
 */
import {
  type Clocks,
  formatTimestamp,
  type CountsFrame,
  type MonotonicMs,
  type WallMs,
} from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import type { TopicLog } from "../pipeline/positions.ts";
import { singleFlight } from "./single_flight.ts";

/** Types of a minute that are named; the others are one number. */
export const TYPES_MAX = 50; // chosen
/**
 * After a read that took long, the next one waits `times` as long, up to `msMax`: a busy database
 * is not asked all the time. Measured with six partitions: 2 ms with 20 types, 33 ms with 1,000.
 * So a read once a second is the usual.
 */
const PAUSE = { times: 3, msMax: 10_000 }; // chosen
const MINUTE_MS = 60_000;

export interface OpenMinutesOptions extends Clocks {
  readonly sql: Database;
  /** The log that is processed; before it is known, the tables may be missing. */
  readonly topicLog: () => TopicLog | null;
  /** Everything accepted before this time is a row now. */
  readonly completeUpTo: () => string | null;
  /** Called with a defect of this program. */
  readonly onError: (error: unknown) => void;
}

/** Reads the counts for the stream. */
export interface OpenMinutes {
  /**
   * Reads, and gives the newest counts that were not taken before, as JSON. Null when there are
   * none within `waitMsMax`, for example while PostgreSQL is away.
   */
  take(waitMsMax: number): Promise<string | null>;
}

/** Nothing is read before the first `take`. */
export function createOpenMinutes(options: OpenMinutesOptions): OpenMinutes {
  const { monotonicNow } = options;
  let newest: string | null = null;
  let nextReadMs: MonotonicMs = 0;
  const asking = { what: "read the counts", lateCode: "database_unavailable" } as const;
  const flight = singleFlight({ ...options, ...asking }, async () => {
    const startedMs = monotonicNow();
    if (options.topicLog() === null || startedMs < nextReadMs) return;
    // Known before the snapshot of the counts, so these have every row that it speaks of.
    const completeUpTo = options.completeUpTo();
    newest = JSON.stringify(countsFrame(await readOpenMinutes(options.sql), completeUpTo));
    const pauseMs = (monotonicNow() - startedMs) * PAUSE.times;
    nextReadMs = monotonicNow() + Math.min(pauseMs, PAUSE.msMax);
  });
  return {
    async take(waitMsMax) {
      await flight.run(waitMsMax);
      const taken = newest;
      newest = null;
      return taken;
    },
  };
}

/** The counts at one moment. */
export interface CountedMinutes {
  /** By the clock of the database, as `minuteMs`. */
  readonly atMs: WallMs;
  /** Start of the open minute. */
  readonly minuteMs: WallMs;
  /** Whether the rows from before the counts are counted, too. */
  readonly isComplete: boolean;
  /** Rows by minute and type, or by minute and null for all other types. */
  readonly counted: readonly {
    readonly minuteMs: WallMs;
    readonly eventType: string | null;
    readonly events: number;
  }[];
}

/**
 * Reads the open minute and the one before, over all logs and partitions.
 *
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export function readOpenMinutes(sql: Database): Promise<CountedMinutes> {
  return guarded(sql, async () => {
    const [read] = await sql<[CountedMinutes]>`
      with moment as (
        select statement_timestamp() as at, bucket_of('1 minute', statement_timestamp()) as minute
      ), by_type as (
        select start, event_type, sum(events) as events
        from moment cross join lateral
          counted_events(minute - interval '1 minute', minute + interval '1 minute')
        where seconds = 60 group by start, event_type
      ), placed as (
        select *, row_number() over (
          partition by start order by event_type is null, events desc, event_type) as place
        from by_type
      ), listed as (
        select start, case when place <= ${TYPES_MAX}::integer then event_type end as event_type,
          sum(events) as events
        from placed group by 1, 2
      )
      select extract(epoch from at)::float8 * 1000 as "atMs",
        extract(epoch from minute)::float8 * 1000 as "minuteMs",
        counts_complete() as "isComplete",
        (select coalesce(json_agg(json_build_object('minuteMs', extract(epoch from start) * 1000,
          'eventType', event_type, 'events', events) order by events desc), '[]')
          from listed) as counted
      from moment`;
    return read;
  });
}

/** The frame of the event `counts`. Pure. */
export function countsFrame(read: CountedMinutes, completeUpTo: string | null): CountsFrame {
  const minutes = [read.minuteMs - MINUTE_MS, read.minuteMs].map((minuteMs) => {
    const counted = read.counted.filter((each) => each.minuteMs === minuteMs);
    const named = counted.flatMap(({ eventType, events }) =>
      eventType === null ? [] : [[eventType, events] as const],
    );
    return {
      minute: formatTimestamp(minuteMs),
      events: counted.reduce((sum, { events }) => sum + events, 0),
      types: Object.fromEntries(named),
      other: counted.find(({ eventType }) => eventType === null)?.events ?? 0,
    };
  });
  return {
    ts: formatTimestamp(Math.floor(read.atMs)),
    completeUpTo: read.isComplete ? completeUpTo : null,
    minutes,
  };
}
