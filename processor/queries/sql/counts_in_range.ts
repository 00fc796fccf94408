/**
 * The counts of a range as a source of statements: by bucket of the answer and type, or in total.
 * A table of counts is read once, and is added up before its numbers become names. Pure.
 */
import { TYPES_MAX } from "../../counts/type_registry.ts";
import type { Buckets, Range } from "../ranges.ts";
import type { Parameters } from "./statement.ts";

const HOUR_MS = 3_600_000;

export interface CountsInRange {
  /** It and all buckets of the answer in it begin and end with whole buckets of the counts. */
  readonly counted: Range;
  /** Null when the answer does not tell times apart. */
  readonly buckets: Buckets | null;
}

/** Rows of `bucket`, `events` and `late`; a bucket has several of them. */
export function totalsIn({ counted, buckets }: CountsInRange, parameters: Parameters): string {
  const bucketOf = bucketSql(buckets, parameters);
  const hours = hoursIn({ counted, buckets }, parameters, {
    table: "hour_totals",
    own: [],
    quarters: { total: "events", late: "late" },
  });
  return `(
    select ${bucketOf("start")} as bucket, total as events, late
    from ${openIn(counted, parameters, ["total", "late"])} as open
    union all
    select ${bucketOf("start")}, events, late from ${hours} as hours
  )`;
}

export interface CountsByType extends CountsInRange {
  /** The highest number of a type in any partition. */
  readonly typesMax: number;
}

/**
 * Rows of `bucket`, `event_type` and `events`; a bucket has several of a type. The type is null
 * for all those without a number.
 */
export function typesIn(
  { counted, buckets, typesMax }: CountsByType,
  parameters: Parameters,
): string {
  const bucketOf = bucketSql(buckets, parameters);
  // The slice unpacks a long array once. Without `offset 0` each use of it would do so.
  const columns = [`${PLACE} as place`, "total", `counts[:${typesMax}] as counts`];
  const rows = `select ${bucketOf("start")} as bucket, place, total, counts
    from ${openIn(counted, parameters, columns)} as open offset 0`;
  // Most buckets hold many rows of a partition. To add up elements costs a fifth of what it costs
  // to make a row of each element first (measured: 20 ms instead of 90 for 350,000).
  const open =
    buckets?.grain === "minute"
      ? rows
      : `select bucket, place, sum(total)::bigint as total, ${sumsSql(typesMax)} as counts
        from (${rows}) as rows group by bucket, place`;
  const unnumbered = `union all
    select bucket, null, total - (select coalesce(sum(each), 0) from unnest(counts) as each)::bigint
    from open`;
  const hours = hoursIn({ counted, buckets }, parameters, {
    table: "hour_counts",
    own: ["event_type"],
    quarters: { events: "events" },
  });
  return `(
    with open as materialized (${open})
    select bucket, event_type, counts[number] as events
    from open join (select event_type, number, ${PLACE} as place from counted_types) as known
      using (place)
    where counts[number] <> 0
    ${typesMax >= TYPES_MAX ? unnumbered : ""}
    union all
    select ${bucketOf("start")}, nullif(event_type, ''), events from ${hours} as hours
  )`;
}

/**
 * Where a count belongs, as one number: for two columns without statistics the planner expects
 * next to no partners, and then compares every count with every type.
 */
const PLACE = "(log::bigint << 32 | partition)";

/** The elements of all arrays of a group, added up. */
function sumsSql(typesMax: number): string {
  const sums = Array.from({ length: typesMax }, (_, index) => `sum(counts[${index + 1}])::bigint`);
  return `array[${sums.join(", ")}]::bigint[]`;
}

/** The number of the answer's bucket that a time lies in, from 1. */
export function bucketSql(
  buckets: Buckets | null,
  parameters: Parameters,
): (time: string) => string {
  if (buckets === null) return () => "1";
  const starts = parameters.times(buckets.startsMs);
  return (time) => `width_bucket(${time}, ${starts})`;
}

/** Counts of partitions that are not hours yet. */
function openIn(
  { fromMs, toMs }: Range,
  parameters: Parameters,
  columns: readonly string[],
): string {
  const [from, to] = [parameters.time(fromMs), parameters.time(toMs)];
  const partsOf = (width: "minute" | "quarter"): string =>
    `select ${[`${width} as start`, ...columns].join(", ")} from ${width}_counts
     where ${width} >= ${from} and ${width} < ${to}`;
  return `(${partsOf("minute")} union all ${partsOf("quarter")})`;
}

interface HourTable {
  readonly table: "hour_counts" | "hour_totals";
  /** Columns that are taken as they are. */
  readonly own: readonly string[];
  /** Columns that there are for each quarter (`late_00`, `late_15`...), and their new names. */
  readonly quarters: Readonly<Record<string, string>>;
}

/** Hours over all partitions: a row each, or one for each quarter where a bucket begins in it. */
function hoursIn(
  { counted: { fromMs, toMs }, buckets }: CountsInRange,
  parameters: Parameters,
  { table, own, quarters }: HourTable,
): string {
  const [from, to] = [parameters.time(fromMs), parameters.time(toMs)];
  const cuts = [fromMs, toMs, ...(buckets?.startsMs ?? [])]
    .filter((ms) => ms % HOUR_MS !== 0 && ms >= fromMs && ms <= toMs)
    .map((ms) => Math.floor(ms / HOUR_MS) * HOUR_MS);
  const cutHours = parameters.times([...new Set(cuts)]);
  const names = Object.values(quarters);
  const sums = Object.entries(quarters).map(
    ([column, name]) => `${MINUTES.map((minute) => `${column}_${minute}`).join(" + ")} as ${name}`,
  );
  const values = MINUTES.map((minute) => {
    const columns = Object.keys(quarters).map((column) => `${column}_${minute}`);
    return `(interval '${minute} minutes', ${columns.join(", ")})`;
  });
  return `(
    select ${["hour as start", ...own, ...sums].join(", ")} from ${table}
    where hour >= ${from} and hour < ${to} and hour <> all (${cutHours})
    union all
    select ${["hour + after", ...own, ...names].join(", ")} from ${table}
      cross join lateral (values ${values.join(", ")}) as parts (${["after", ...names].join(", ")})
    where hour = any (${cutHours}) and hour + after >= ${from} and hour + after < ${to}
  )`;
}

/** Where the quarters of an hour begin, as the columns say it. */
const MINUTES = ["00", "15", "30", "45"] as const;
