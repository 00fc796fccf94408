/** Decides whether the counts can answer a query, and which part of its range they have. Pure. */
import type { Compilable, Source } from "./sql/compile.ts";
import type { Filter } from "./asked/filters.ts";
import type { Buckets, Range } from "./ranges.ts";

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
/** Before 1972 zones had offsets of odd seconds, so that no quarter ends with their hours. */
const COUNTS_FROM_MS = Date.UTC(1972, 0, 1);

/** A range, less its ends that no whole bucket of the counts covers. */
export interface Split {
  /** Null when no whole bucket lies in the range. */
  readonly counted: Range | null;
  /** What is left of the range before and after it. */
  readonly edges: readonly Range[];
}

/** Splits a range into what the counts have and what must be read from rows. */
export function splitRange({ fromMs, toMs }: Range, minutesFromMs: number): Split {
  const first = Math.max(COUNTS_FROM_MS, fromMs);
  const counted = {
    fromMs: Math.ceil(first / unitAt(first, minutesFromMs)) * unitAt(first, minutesFromMs),
    toMs: Math.floor(toMs / unitAt(toMs, minutesFromMs)) * unitAt(toMs, minutesFromMs),
  };
  if (counted.toMs <= counted.fromMs) return { counted: null, edges: [{ fromMs, toMs }] };
  const edges = [
    { fromMs, toMs: counted.fromMs },
    { fromMs: counted.toMs, toMs },
  ];
  return { counted, edges: edges.filter((edge) => edge.toMs > edge.fromMs) };
}

/** How long the buckets of the counts are at a time. */
function unitAt(ms: number, minutesFromMs: number): number {
  return ms >= minutesFromMs ? MINUTE_MS : QUARTER_MS;
}

/** What a plan depends on. */
export interface PlanInput {
  readonly range: Range;
  /** Null without a dimension of time. */
  readonly buckets: Buckets | null;
  /** From when on the counts have minutes and nothing longer. */
  readonly minutesFromMs: number;
  /** Whether all rows are in the counts: false until the first fill is done. */
  readonly isFilled: boolean;
  /** The highest number of a type in any partition. */
  readonly typesMax: number;
}

/** Where the answer comes from. */
export function planQuery(query: Compilable, input: PlanInput): Source {
  const { range, buckets, minutesFromMs, isFilled, typesMax } = input;
  const rows = { kind: "rows", range } as const;
  if (!isFilled || !isCountable(query)) return rows;
  const { counted, edges } = splitRange(range, minutesFromMs);
  if (counted === null) return rows;
  // A bucket that begins within one of the counts would get a part of it.
  const isApart = (ms: number): boolean => ms % unitAt(ms, minutesFromMs) === 0;
  const inner = (buckets?.startsMs ?? []).filter((ms) => ms > counted.fromMs && ms < counted.toMs);
  return inner.every(isApart) ? { kind: "counts", counted, edges, typesMax } : rows;
}

/** Whether the counts tell apart all that a query tells apart: time and type. */
function isCountable({ metrics, dimensions, filter }: Compilable): boolean {
  return (
    metrics.every(({ kind }) => kind !== "sessions" && kind !== "property") &&
    dimensions.every(({ kind }) => kind === "time" || kind === "name") &&
    (filter === null || isOfTypes(filter))
  );
}

/** Whether a filter looks at the type of an event only. */
function isOfTypes(filter: Filter): boolean {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.filters.every(isOfTypes);
    case "not":
      return isOfTypes(filter.filter);
    default:
      return filter.field.kind === "name";
  }
}
