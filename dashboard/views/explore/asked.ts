/**
 * The question of the explore view: what its parameters in the address mean, and the bodies for
 * the query API that they make. Pure.
 */
import { type Filter, readFilter, toQueryFilter, writeFilter } from "../../address/filter.ts";
import type { PageState } from "../../address/page_state.ts";
import { iso } from "../../address/range.ts";
import type { FunnelQuestion, QueryFilter, Question } from "../../questions/question.ts";
import { questionEnd, type Window, windowOf } from "../../questions/window.ts";

/** Metrics without a property, and how each is said. */
export const PLAIN_METRICS = {
  events: "events",
  sessions: "sessions",
  pageviews: "page views",
  percentage: "share of events",
} as const;

/** Metrics of a property. */
export const PROPERTY_METRICS = {
  sum: "sum of",
  avg: "average of",
  min: "least",
  max: "greatest",
  p50: "median of",
  p95: "95th percentile of",
  p99: "99th percentile of",
  unique: "different values of",
} as const;

export type PlainMetric = keyof typeof PLAIN_METRICS;
export type PropertyMetric = keyof typeof PROPERTY_METRICS;

/** Columns of the answer that can order its rows. */
export const SORT_COLUMNS = ["name", "value", "before", "change"] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** What the parameters say. */
export interface Asked {
  readonly form: "question" | "funnel";
  readonly metric: PlainMetric | PropertyMetric;
  /** The property of a metric that has one: `event:props:price`. */
  readonly of: string;
  /** A dimension, or `time`. */
  readonly by: string;
  /** The column by which the rows of the table are ordered; empty for the order of the answer. */
  readonly sort: SortColumn | "";
  /** Whether that order is turned around. */
  readonly reversed: "yes" | "";
  readonly steps: readonly Filter[];
  readonly window: string;
  /** Whose way a funnel follows: `session`, or a property. */
  readonly who: string;
}

export const WINDOWS = {
  "5m": "5 minutes",
  "30m": "30 minutes",
  "2h": "2 hours",
  "24h": "24 hours",
  "7d": "7 days",
  "31d": "31 days",
} as const;

export const STEPS_MAX = 8;
/** Rows of the answer that are shown. // chosen */
export const ROWS_MAX = 100;

const PROPERTY = /^event:(?:page|props:.+)$/;
const DIMENSION = /^(?:time|event:(?:name|source|page|props:.+))$/;

export function readAsked(own: PageState["own"]): Asked {
  const { form, metric = "", of = "", by = "", reversed, window = "", who = "" } = own;
  const steps = stepNames.flatMap((name) => readFilter(own[name] ?? "") ?? []);
  return {
    form: form === "funnel" ? "funnel" : "question",
    metric: isPlain(metric) || isOfProperty(metric) ? metric : "events",
    of: PROPERTY.test(of) ? of : "",
    by: DIMENSION.test(by) ? by : "event:name",
    sort: SORT_COLUMNS.find((column) => column === own["sort"]) ?? "",
    reversed: reversed === "yes" ? "yes" : "",
    steps,
    window: Object.hasOwn(WINDOWS, window) ? window : "30m",
    who: PROPERTY.test(who) ? who : "session",
  };
}

/** The inverse; what has its default is left out. */
export function writeAsked(asked: Asked): PageState["own"] {
  const defaults = readAsked({});
  const own: Record<string, string> = {};
  for (const name of ["form", "metric", "of", "by", "sort", "reversed", "window", "who"] as const) {
    if (asked[name] !== defaults[name]) own[name] = asked[name];
  }
  asked.steps.slice(0, STEPS_MAX).forEach((step, index) => {
    own[`step${index + 1}`] = writeFilter(step);
  });
  return own;
}

/** A new question begins in the order of its answer: what another one was ordered by is past. */
export function changeAsked(asked: Asked, changes: Partial<Asked>): Asked {
  const isNew = (["metric", "of", "by"] as const).some(
    (name) => changes[name] !== undefined && changes[name] !== asked[name],
  );
  return { ...asked, ...(isNew ? { sort: "", reversed: "" } : {}), ...changes };
}

const stepNames = Array.from({ length: STEPS_MAX }, (_, index) => `step${index + 1}`);

export function isPlain(metric: string): metric is PlainMetric {
  return Object.hasOwn(PLAIN_METRICS, metric);
}

export function isOfProperty(metric: string): metric is PropertyMetric {
  return Object.hasOwn(PROPERTY_METRICS, metric);
}

/** The metric as the API names it, or null while its property is not chosen. */
export function metricName({ metric, of }: Asked): string | null {
  if (isPlain(metric)) return metric;
  return of === "" ? null : `${metric}:${of}`;
}

/** Whether a metric reads numbers alone. */
export function needsNumbers(metric: Asked["metric"]): boolean {
  return isOfProperty(metric) && metric !== "unique";
}

/** Those that a metric is asked of: for one that reads numbers, those that hold them come first. */
export function offeredTo(
  metric: Asked["metric"],
  properties: readonly string[],
  numbers: ReadonlySet<string>,
): readonly string[] {
  const all = [...new Set(["event:page", ...properties])];
  if (!needsNumbers(metric)) return all;
  return all.toSorted((a, b) => Number(numbers.has(b)) - Number(numbers.has(a)));
}

/** The property with which a metric begins: the one before, unless it holds no number. */
export function propertyFor(
  metric: Asked["metric"],
  of: string,
  { properties, numbers }: { properties: readonly string[]; numbers: ReadonlySet<string> },
): string {
  const offered = offeredTo(metric, properties, numbers);
  const fits = !needsNumbers(metric) || numbers.has(of) || !offered.includes(of);
  return of !== "" && fits ? of : (offered[0] ?? "");
}

/** Whether the values of parts add up to that of the whole, so that they can be stacked. */
export function isAdditive({ metric }: Asked): boolean {
  return ["events", "pageviews", "percentage", "sum"].includes(metric);
}

/** What the questions share. */
export interface Scope {
  readonly window: Window;
  readonly zone: string;
  readonly filters: readonly QueryFilter[];
  readonly range: readonly [string, string];
}

/** @param nowMs The present: a range that ends now reaches to the end of its minute. */
export function scopeOf(state: PageState, { nowMs, zone }: { nowMs: number; zone: string }): Scope {
  const window = windowOf(state.range, { nowMs, zone });
  const toMs = window.isLive ? questionEnd(window, nowMs + 1) : window.toMs;
  return {
    window,
    zone,
    filters: state.filters.map(toQueryFilter),
    range: [iso(window.fromMs), iso(toMs)],
  };
}

/** The question whose answer is the table. */
export function tableQuestion(asked: Asked, scope: Scope, state: PageState): Question | null {
  const metric = metricName(asked);
  if (metric === null) return null;
  const mode = state.comparison;
  return {
    metrics: [metric],
    // The same hours of yesterday: between two times the processor goes back by their distance.
    date_range: mode !== null && state.range === "day" ? "day" : scope.range,
    dimensions: [asked.by === "time" ? `time:${scope.window.unit}` : asked.by],
    filters: scope.filters,
    timezone: scope.zone,
    ...(mode === null ? {} : { include: { comparisons: { mode } } }),
    ...(asked.by === "time" ? {} : { pagination: { limit: ROWS_MAX } }),
  };
}

/** The whole over time. */
export function timeQuestion(asked: Asked, scope: Scope): Question | null {
  const metric = metricName(asked);
  if (metric === null) return null;
  return {
    metrics: [metric],
    date_range: scope.range,
    dimensions: [`time:${scope.window.unit}`],
    filters: scope.filters,
    timezone: scope.zone,
  };
}

/** The parts over time: those with the given values. */
export function partsQuestion(
  asked: Asked,
  scope: Scope,
  values: readonly unknown[],
): Question | null {
  const whole = timeQuestion(asked, scope);
  if (whole === null || asked.by === "time" || values.length === 0) return null;
  const parts = { ...whole, dimensions: [...(whole.dimensions ?? []), asked.by] };
  const pagination = { limit: 10_000 };
  // A share is one of all events: those of other values count, too.
  if (asked.metric === "percentage") {
    return { ...parts, order_by: [["percentage", "desc"]], pagination };
  }
  return { ...parts, filters: [...scope.filters, ["is", asked.by, values]], pagination };
}

export function funnelQuestion(asked: Asked, scope: Scope): FunnelQuestion | null {
  if (asked.steps.length < 2) return null;
  return {
    date_range: scope.range,
    filters: scope.filters,
    timezone: scope.zone,
    steps: asked.steps.map(toQueryFilter),
    window: asked.window,
    ...(asked.who === "session" ? {} : { by: asked.who }),
  };
}

/**
 * The question as a command; single quotes are the only sign that a shell reads in it.
 *
 * @param hasKey Whether the processor asks for a key; the command takes it from the environment.
 */
export function curlOf(url: string, body: object, hasKey = false): string {
  const text = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  const key = hasKey ? ` -H "authorization: Bearer $TALLY_KEY"` : "";
  const address = url.replaceAll("'", "%27");
  return `curl -s '${address}'${key} -H 'content-type: application/json' -d '${text}'`;
}
