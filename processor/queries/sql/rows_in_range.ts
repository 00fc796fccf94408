/** The rows of a range as a source of statements, and when a row counts as late. Pure. */
import type { Range } from "../ranges.ts";
import type { Parameters } from "./statement.ts";

/**
 * Most events come within this time of their own time, before or after. Their rows are found by the
 * index on `received_at`, which exists anyway; the others have the partial index
 * `web_events_far_ts` (migration 0010). So no row of an ordinary event pays for an index on `ts`.
 */
export const NEAR_MS = 10 * 60_000; // chosen: as far ahead as ingest lets a clock be
/** Must be the condition of that index, word for word. */
const IS_FAR = "not (received_at - ts between interval '-10 minutes' and interval '10 minutes')";

/** An event is late when it came a minute or more after the end of its own minute. */
export const IS_LATE = "received_at >= date_trunc('minute', ts, 'UTC') + interval '2 minutes'";

/**
 * A subquery of the rows whose `ts` lies in a range.
 *
 * @param more Columns besides those of the table. They are computed as a row is found: later steps,
 *   such as a sort, carry them instead of the payload.
 */
export function rowsIn(
  { fromMs, toMs }: Range,
  parameters: Parameters,
  more: readonly string[] = [],
): string {
  const { near, far } = conditionsOf({ fromMs, toMs }, parameters);
  const columns = [COLUMNS, ...more].join(", ");
  return `(
    select ${columns} from web_events where ${near}
    union all
    select ${columns} from web_events where ${far}
  )`;
}

/** Two conditions that together are true of the rows whose `ts` lies in a range, each row once. */
export function conditionsOf(
  { fromMs, toMs }: Range,
  parameters: Parameters,
): { readonly near: string; readonly far: string } {
  const [from, to] = [parameters.time(fromMs), parameters.time(toMs)];
  const first = parameters.time(fromMs - NEAR_MS);
  const last = parameters.time(toMs + NEAR_MS);
  const isInRange = `ts >= ${from} and ts < ${to}`;
  return {
    near: `${cameNear({ fromMs, toMs }, parameters)} and ${isInRange}`,
    far: `${isInRange} and ${IS_FAR} and (received_at < ${first} or received_at >= ${last})`,
  };
}

/** The condition of the rows that came in a range or near it: all of them are looked at. */
export function cameNear({ fromMs, toMs }: Range, parameters: Parameters): string {
  const first = parameters.time(fromMs - NEAR_MS);
  const last = parameters.time(toMs + NEAR_MS);
  return `received_at >= ${first} and received_at < ${last}`;
}

const COLUMNS =
  'ts, received_at, event_type, session_id, payload, source, log, partition, "offset"';
