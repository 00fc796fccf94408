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
 */
export function compileFunnel(funnel: Funnel, range: Range): Statement {
  const parameters = new Parameters();
  const { steps, filter, by, windowMs } = funnel;
  const conditions = steps.map((step) => filterSql(step, parameters));
  const actor = by.kind === "session" ? "session_id" : valueSql(by.path, parameters);
  const known = by.kind === "session" ? "true" : `${actor} <> 'null'`;
  const window = parameters.number(windowMs);
  const fits = conditions.map((condition, index) => `${condition} as fits${index + 1}`);
  let chains = `select *, case when fits1 then array[ms] end as chain1
    from (select ${actor} as actor, (extract(epoch from ts) * 1000)::bigint as ms, ts, log, partition,
        "offset", ${fits.join(", ")}
      from ${rowsIn(range, parameters)} as events
      where ${filter === null ? "true" : filterSql(filter, parameters)} and ${known}
        and (${conditions.join(" or ")})) as fitting`;
  for (let step = 2; step <= steps.length; step++) {
    chains = `select *, case when fits${step} and before[1] >= ms - ${window} then before || -ms end
        as chain${step}
      from (select ${["actor", "ms", "ts", "log", "partition", '"offset"', ...kept(steps.length, step)].join(", ")},
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
  const columns = [
    ...numbers.map((step) => `(count(*) filter (where steps >= ${step}))::float8 as count${step}`),
    ...numbers.slice(1).map((step) => `${medianSql(step)} as median${step}`),
  ];
  const text = `select ${columns.join(", ")} from (
      select best, cardinality(best) - 1 as steps from (
        select coalesce(${best.join(", ")}) as best from (
          select actor, ${first.join(", ")} from (${chains}) as chains group by actor
        ) as firsts
      ) as bests
    ) as actors`;
  return { text, parameters: parameters.values };
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
