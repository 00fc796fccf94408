/** The flow of a funnel: how many rows it must read, and how many came how far. */
import { compileFunnel } from "./sql/compile_funnel.ts";
import { admitRows } from "./admit_rows.ts";
import { lookAtRange, type FindOptions } from "./find_answer.ts";
import type { Amount } from "./sql/facts.ts";
import type { Funnel } from "./asked/funnel_request.ts";
import type { AnswerOptions } from "./answer.ts";
import { printMoment, type Range } from "./ranges.ts";
import { isRefused, type Refused } from "./asked/refused.ts";

export interface FoundFunnel {
  readonly range: Range;
  readonly amount: Amount;
  /** `count1`, `median2`... of `compileFunnel`. */
  readonly counted: Readonly<Record<string, number | null>>;
}

/** Finds how many came how far. */
export async function findFunnel(
  funnel: Funnel,
  options: FindOptions,
): Promise<FoundFunnel | Refused> {
  const looked = await lookAtRange(funnel, options);
  if (isRefused(looked)) return looked;
  const { state, range } = looked;
  const amount = await admitRows(funnel, { ...options, state, range });
  if (isRefused(amount)) return amount;
  const [counted = {}] = await options.read<FoundFunnel["counted"]>(compileFunnel(funnel, range));
  return { range, amount, counted };
}

/** One step of a funnel. */
export interface FunnelStep {
  readonly step: number;
  /** Sessions, or values of the property, that came this far. */
  readonly count: number;
  /** In percent of those at the first step, and at the step before; null when there are none. */
  readonly percentage: number | null;
  readonly step_percentage: number | null;
  /** Median time from the step before; null for the first step, and when nobody came. */
  readonly median_seconds: number | null;
}

/** Makes the document. */
export function shapeFunnel(
  { form, timeZone, steps }: Funnel,
  { range, amount, counted }: FoundFunnel,
  { completeUpTo, tookMs }: AnswerOptions,
): object {
  const countAt = (step: number): number => counted[`count${step}`] ?? 0;
  const results = steps.map((_, index): FunnelStep => {
    const step = index + 1;
    const medianMs = counted[`median${step}`] ?? null;
    return {
      step,
      count: countAt(step),
      percentage: percent(countAt(step), countAt(1)),
      step_percentage: percent(countAt(step), countAt(Math.max(1, index))),
      median_seconds: medianMs === null ? null : medianMs / 1000,
    };
  });
  return {
    results,
    meta: {
      complete_up_to: completeUpTo,
      source: "rows",
      exact: true,
      rows_in_range: amount.rows,
      rows_read: amount.read,
      late_events: amount.late,
      took_ms: Math.round(tookMs),
    },
    query: {
      ...form,
      by: form.by ?? "session",
      date_range: [range.fromMs, range.toMs].map((ms) => printMoment(ms, timeZone)),
      timezone: timeZone,
    },
  };
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 100;
}
