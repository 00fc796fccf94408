/**
 * A funnel as one statement over rows. The rows of a session (or value of a property) are read in
 * the order of (ts, log, partition, offset), once for each step. Pure.
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
 * A chain is an array: the time of its first step, then the times of the others, negated. So the
 * greatest chain is that with the latest first step, and of these the one whose other steps come
 * earliest. An event that fits a step continues the greatest chain of the events before it: if any
 * chain can go on within the window, that one can.
 *
 * Most actors of most funnels never come to the second step. They are counted without being sorted:
 * only those with a second step after a first one are.
 */
export function compileFunnel(funnel: Funnel, range: Range): Statement {
  const parameters = new Parameters();
  const { steps, windowMs } = funnel;
  const fitting = fittingSql(funnel, range, parameters);
  const window = parameters.number(windowMs);
  let chains = `select *, case when fits1 then array[ms] end as chain1 from (${fitting}) as fitting
    where actor in (select actor from actors where goes_on)`;
  for (let step = 2; step <= steps.length; step++) {
    const columns = ["actor", "ms", "ts", "log", "partition", '"offset"'];
    chains = `select *, case when fits${step} and before[1] >= ms - ${window} then before || -ms end
        as chain${step}
      from (select ${[...columns, ...kept(steps.length, step)].join(", ")},
          max(chain${step - 1}) over (partition by actor order by ts, log, partition, "offset"
            rows between unbounded preceding and 1 preceding) as before
        from (${chains}) as chains) as continued`;
  }
  const numbers = steps.map((_, index) => index + 1);
  // Of the chains that came to the same step, the one that came there first.
  const first = numbers.map(
    (step) => `min(ms || chain${step}) filter (where chain${step} is not null) as chain${step}`,
  );
  const best = numbers.toReversed().map((step) => `chain${step}`);
  const columns = numbers
    .slice(1)
    .flatMap((step) => [
      `(count(*) filter (where steps >= ${step}))::float8 as count${step}`,
      `${medianSql(step)} as median${step}`,
    ]);
  const text = `with actors as materialized (
      select actor, bool_or(fits1) as begins, coalesce(
        min(ms) filter (where fits1) <= max(ms) filter (where fits2), false) as goes_on
      from (${fitting}) as fitting group by actor
    )
    select (select count(*) filter (where begins) from actors)::float8 as count1, further.* from (
      select ${columns.join(", ")} from (
        select best, cardinality(best) - 1 as steps from (
          select coalesce(${best.join(", ")}) as best from (
            select actor, ${first.join(", ")} from (${chains}) as chains group by actor
          ) as firsts
        ) as bests
      ) as going
    ) as further`;
  return { text, parameters: parameters.values };
}

/** The events that fit any step, with whose they are. */
function fittingSql({ steps, filter, by }: Funnel, range: Range, parameters: Parameters): string {
  const conditions = steps.map((step) => filterSql(step, parameters));
  const isSession = by.kind === "session";
  // Bytes are compared faster than letters.
  const actor = isSession ? 'session_id collate "C"' : valueSql(by.path, parameters);
  const fits = conditions.map((condition, index) => `${condition} as fits${index + 1}`);
  return `select ${actor} as actor, (date_part('epoch', ts) * 1000)::bigint as ms,
      ts, log, partition, "offset", ${fits.join(", ")}
    from ${rowsIn(range, parameters)} as events
    where ${filter === null ? "true" : filterSql(filter, parameters)}
      and (${conditions.join(" or ")}) and ${isSession ? "true" : `${actor} <> 'null'`}`;
}

/** The columns that the next steps need, and the chains so far. */
function kept(steps: number, step: number): string[] {
  const fits = Array.from({ length: steps - step + 1 }, (_, index) => `fits${step + index}`);
  const chains = Array.from({ length: step - 1 }, (_, index) => `chain${index + 1}`);
  return [...fits, ...chains];
}

/** Place 1 of `best` is the time of its last step, place 2 that of its first one. */
function medianSql(step: number): string {
  const before = step === 2 ? "best[2]" : `-best[${step}]`;
  const time = `(-best[${step + 1}] - ${before})::float8`;
  return `percentile_cont(0.5) within group (order by ${time}) filter (where steps >= ${step})`;
}
