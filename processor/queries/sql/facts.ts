/** Statements that say how much a query has to read, before it reads it. Pure. */
import { totalsIn, typesIn } from "./counts_in_range.ts";
import { cameNear, IS_LATE, NEAR_MS, rowsIn } from "./rows_in_range.ts";
import type { Split } from "../plan.ts";
import type { Range } from "../ranges.ts";
import { Parameters, type Statement } from "./statement.ts";

/** What a query finds out first. */
export interface State {
  /** Whether all rows are in the counts. */
  readonly isFilled: boolean;
  /** The highest number of a type in any partition. */
  readonly typesMax: number;
  /** From when on the counts have minutes and nothing longer; a multiple of 15 minutes. */
  readonly minutesFromMs: number;
}

/** Reads the state. */
export const STATE: Statement = {
  text: `select counts_complete() as "isFilled",
      (select coalesce(max(number), 0) from counted_types) as "typesMax",
      coalesce(extract(epoch from greatest(
        (select max(quarter) + interval '15 minutes' from quarter_counts),
        (select max(hour) + interval '1 hour' from hour_totals))) * 1000, 0)::float8 as "minutesFromMs"`,
  parameters: [],
};

/** Whether the counts of whole buckets hold events whose type has no number there. */
export function compileHasUnnumbered(counted: Range, typesMax: number): Statement {
  const parameters = new Parameters();
  const text = `select exists (
      select from ${typesIn({ counted, buckets: null, typesMax }, parameters)} as types
      where event_type is null and events <> 0) as "hasUnnumbered"`;
  return { text, parameters: parameters.values };
}

/** From the first row until after the last one, ms since 1970; no row or nulls without rows. */
export interface ExtentRow {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Where the rows begin and end, by the counts. Only the first and the last hour are read. */
export const COUNTED_EXTENT: Statement = {
  text: `select (extract(epoch from min(first)) * 1000)::float8 as "fromMs",
      (extract(epoch from max(last)) * 1000)::float8 as "toMs"
    from (
      select min(minute) as first, max(minute) + interval '1 minute' as last from minute_counts
      union all
      select min(quarter), max(quarter) + interval '15 minutes' from quarter_counts
      union all
      select start, start + make_interval(secs => seconds)
      from ((${hourAt("asc")}) union all (${hourAt("desc")})) as ends
        cross join lateral counted_totals(hour, hour + interval '1 hour')
    ) as parts`,
  parameters: [],
};

/** The first or the last hour that holds something. */
function hourAt(order: "asc" | "desc"): string {
  return `select hour from hour_totals
    where total_00 + total_15 + total_30 + total_45 > 0 order by hour ${order} limit 1`;
}

/** The same by the rows' two indexes of time: their ends, rounded outward. */
export const INDEXED_EXTENT: Statement = {
  text: `select (extract(epoch from least(min(near_from), min(far_from))) * 1000 - ${NEAR_MS})::float8 as "fromMs",
      (extract(epoch from greatest(max(near_to), max(far_to))) * 1000 + ${NEAR_MS})::float8 as "toMs"
    from (select min(received_at) as near_from, max(received_at) as near_to from web_events) as near,
      (select min(ts) as far_from, max(ts) as far_to from web_events
        where not (received_at - ts between interval '-10 minutes' and interval '10 minutes')) as far`,
  parameters: [],
};

/** The rows of a range, whatever the filter. */
export interface Amount {
  readonly rows: number;
  readonly late: number;
  /** Those that are read one by one, also to leave them out; an estimate when they are many. */
  readonly read: number;
}

/**
 * Counts the rows of a range: from the counts, and one by one what they don't cover.
 *
 * @param readMax Rows that are counted one by one at most.
 */
export function compileAmount({ counted, edges }: Split, readMax: number): Statement {
  const parameters = new Parameters();
  const none = "select 0 as events, 0 as late";
  const counts =
    counted === null
      ? none
      : `select coalesce(sum(events), 0) as events, coalesce(sum(late), 0) as late
         from ${totalsIn({ counted, buckets: null }, parameters)} as totals`;
  const rows = edges.map(
    (edge) => `select ${IS_LATE} as is_late from ${rowsIn(edge, parameters)} as edge`,
  );
  const read =
    rows.length === 0
      ? none
      : `select count(*) as events, count(*) filter (where is_late) as late
         from (select is_late from (${rows.join(" union all ")}) as edges limit ${parameters.number(readMax + 1)}) as read`;
  const text = `select (counted.events + read.events)::float8 as rows,
      (counted.late + read.late)::float8 as late, read.events::float8 as read
    from (${counts}) as counted, (${read}) as read`;
  return { text, parameters: parameters.values };
}

/** What PostgreSQL says of a statement that it has not run. */
export interface NearPlan {
  readonly "QUERY PLAN": readonly { readonly Plan: { readonly "Plan Rows": number } }[];
}

/** Asks how many rows came around some ranges, whatever their own time; nothing is read. */
export function compileNear(ranges: readonly Range[]): Statement {
  const parameters = new Parameters();
  const rows = ranges.map(
    (range) => `select 1 from web_events where ${cameNear(range, parameters)}`,
  );
  return {
    text: `explain (format json) ${rows.join(" union all ")}`,
    parameters: parameters.values,
  };
}

/** The quarters of an hour that hold every row which a look at a range can touch. */
export function touched({ fromMs, toMs }: Range): Range {
  return {
    fromMs: Math.floor((fromMs - NEAR_MS) / QUARTER_MS) * QUARTER_MS,
    toMs: Math.ceil((toMs + NEAR_MS) / QUARTER_MS) * QUARTER_MS,
  };
}

const QUARTER_MS = 15 * 60_000;

/** How many rows lie in whole buckets of a range, and from when on they are few enough. */
export interface Bound {
  readonly rows: number;
  /** Null when even the last bucket has too many. */
  readonly passesFromMs: number | null;
}

/** Compares the rows of whole buckets with a bound. */
export function compileBound({ fromMs, toMs }: Range, rowsMax: number): Statement {
  const parameters = new Parameters();
  const max = parameters.number(rowsMax);
  const text = `select coalesce(sum(events), 0)::float8 as rows,
      (extract(epoch from min(start) filter (where later <= ${max})) * 1000)::float8 as "passesFromMs"
    from (select start, events, sum(events) over (order by start desc) as later
      from counted_totals(${parameters.time(fromMs)}, ${parameters.time(toMs)})) as buckets`;
  return { text, parameters: parameters.values };
}
