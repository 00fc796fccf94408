/**
 * A funnel as one statement over rows. The rows of an actor (a session, or value of a property) are
 * read in the order of (ts, log, partition, offset), once for each step but the first. Pure.
 */
import { filterSql, valueSql } from "./compile_filter.ts";
import type { Funnel } from "../asked/funnel_request.ts";
import type { Range } from "../ranges.ts";
import { rowsIn } from "./rows_in_range.ts";
import { Parameters, type Statement } from "./statement.ts";

/**
 * Makes the statement. It gives one row: `count1`, `count2`... how many came to each step, and
 * `median2`... the median of the milliseconds from the step before.
 *
 * A chain is an array: the time of its first step, which of its actor's first steps that is (two
 * can have one time), then the times of the others, negated. So the greatest chain is that with the
 * latest first step, and of these the one whose other steps come earliest. An event that fits a
 * step continues the greatest chain of the events before it: if any chain can go on within the
 * window, that one can.
 *
 * The rows are sorted once. The first look over them finds for each row when the latest first step
 * before it was. Then most rows are done: only those that fit a later step within the window go on,
 * and one row of each actor that fits the first step, so that it is counted.
 */
export function compileFunnel(funnel: Funnel, range: Range): Statement {
  const parameters = new Parameters();
  const { steps, windowMs } = funnel;
  const window = parameters.number(windowMs);
  const later = steps.map((_, index) => `fits${index + 1}`).slice(1);
  let chains = `select *, fits1 and start is null as begins,
      case when fits2 and start >= ms - ${window} then array[start, starts, -ms] end as chain2
    from (select *, max(ms) filter (where fits1) ${BEFORE} as start,
        count(*) filter (where fits1) ${BEFORE} as starts
      from (${fittingSql(funnel, range, parameters)}) as fitting) as started
    where (fits1 and start is null) or ((${later.join(" or ")}) and start >= ms - ${window})`;
  for (let step = 3; step <= steps.length; step++) {
    chains = `select *, case when fits${step} and before${step}[1] >= ms - ${window}
        then before${step} || -ms end as chain${step}
      from (select *, max(chain${step - 1}) ${BEFORE} as before${step} from (${chains}) as chains) as continued`;
  }
  const numbers = steps.map((_, index) => index + 1).slice(1);
  // Of the chains that came to the same step, the one that came there first.
  const first = numbers.map(
    (step) => `min(ms || chain${step}) filter (where chain${step} is not null) as chain${step}`,
  );
  const best = numbers.toReversed().map((step) => `chain${step}`);
  const columns = numbers.flatMap((step) => [
    `(count(*) filter (where steps >= ${step}))::float8 as count${step}`,
    `${medianSql(step)} as median${step}`,
  ]);
  const text = `select (count(*) filter (where begins))::float8 as count1, ${columns.join(", ")} from (
      select begins, best, cardinality(best) - 2 as steps from (
        select begins, coalesce(${best.join(", ")}) as best from (
          select bool_or(begins) as begins, ${first.join(", ")} from (${chains}) as chains
          group by actor1, actor2
        ) as firsts
      ) as bests
    ) as further`;
  return { text, parameters: parameters.values };
}

/** The rows of the same actor before a row. All steps have the same, so that one sort is enough. */
const BEFORE = `over (partition by actor1, actor2 order by ms, place, "offset"
      rows between unbounded preceding and 1 preceding)`;

/**
 * The events that fit any step, with whose they are. An actor is a hash of 128 bits, in two halves:
 * numbers are sorted and kept in less time and memory than texts.
 */
function fittingSql({ steps, filter, by }: Funnel, range: Range, parameters: Parameters): string {
  const conditions = steps.map((step) => filterSql(step, parameters));
  const isSession = by.kind === "session";
  const actor = isSession ? "session_id" : valueSql(by.path, parameters);
  const hash = isSession ? "hashtextextended" : "jsonb_hash_extended";
  const fits = conditions.map((condition, index) => `${condition} as fits${index + 1}`);
  return `select ${hash}(${actor}, 0) as actor1, ${hash}(${actor}, 1) as actor2,
      (date_part('epoch', ts) * 1000)::bigint as ms,
      log::bigint << 32 | partition as place, "offset", ${fits.join(", ")}
    from ${rowsIn(range, parameters)} as events
    where ${filter === null ? "true" : filterSql(filter, parameters)}
      and (${conditions.join(" or ")}) and ${isSession ? "true" : `${actor} <> 'null'`}`;
}

/** `best`: the time of its last step, then its chain. */
function medianSql(step: number): string {
  const before = step === 2 ? "best[2]" : `-best[${step + 1}]`;
  const time = `(-best[${step + 2}] - ${before})::float8`;
  return `percentile_cont(0.5) within group (order by ${time}) filter (where steps >= ${step})`;
}
