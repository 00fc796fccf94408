/** The events of a window by type and bucket: answers of the past, and the live minutes. Pure. */
import type { Filter, Scalar } from "../address/filter.ts";
import { eventsOf, type LiveMinutes, passesName } from "./live_minutes.ts";
import type { QueryAnswer } from "./question.ts";
import { bucketAt, type Window } from "./window.ts";
import { readLabel } from "./zone.ts";

/** One layer of the stack. */
export interface Layer {
  /** The event type, or null for all others together. */
  readonly name: string | null;
  /** Its colour: its place among `names`, or that of `slots`; null for the others. */
  readonly slot: number | null;
  /** By bucket; null where there is no value. */
  readonly values: readonly (number | null)[];
  /** Of the whole window. */
  readonly total: number | null;
}

export interface Stack {
  readonly window: Window;
  /** In the order of `names`, all others last; without layers of nothing. */
  readonly layers: readonly Layer[];
  /** Whether the layers add up to the totals: a session can be in two of them. */
  readonly isSum: boolean;
  readonly totals: readonly (number | null)[];
  readonly total: number | null;
}

/** An answer, and from when on the live minutes go on from it; null when it is not live. */
export interface Past {
  readonly answer: QueryAnswer;
  readonly untilMs: number | null;
}

export interface StackParts {
  readonly window: Window;
  readonly zone: string;
  readonly filters: readonly Filter[];
  /** Types that have a layer. */
  readonly names: readonly string[];
  /** Names the value of the second dimension, where it is not the type. */
  readonly nameOf?: (value: Scalar) => string;
  /** Colours by name. */
  readonly slots?: ReadonlyMap<string, number>;
  /** What the table says of each name in the whole window; the sum of its buckets when absent. */
  readonly wholes?: ReadonlyMap<string, number | null>;
  /** Whether there are others than `names`; true when absent. Else a remainder is of rounding. */
  readonly hasOthers?: boolean;
  /** Present for a metric whose buckets and parts don't add up. */
  readonly apart?: Apart;
  /** Events by time. */
  readonly totals: Past | null;
  /** Events by time and type, of `names` alone. */
  readonly byName: Past | null;
  readonly live: LiveMinutes;
}

export interface Apart {
  /** What a bucket without events has: 0, or null for an average of nothing. */
  readonly empty: 0 | null;
}

export function buildStack(parts: StackParts): Stack {
  const { window, names, filters, apart, nameOf = String } = parts;
  const { starts } = window;
  const empty = (): (number | null)[] => starts.map(() => (apart === undefined ? 0 : apart.empty));
  const totals = empty();
  const columns = new Map(names.map((name) => [name, empty()]));
  const add = (column: (number | null)[] | undefined, ms: number, count: number | null): void => {
    const index = bucketAt(starts, ms);
    if (column === undefined || index < 0 || count === null) return;
    column[index] = (column[index] ?? 0) + count;
  };
  const timeOf = (label: unknown): number => readLabel(String(label), parts.zone);

  for (const { dimensions, metrics } of parts.totals?.answer.results ?? []) {
    add(totals, timeOf(dimensions[0]), metrics[0] ?? null);
  }
  for (const { dimensions, metrics } of parts.byName?.answer.results ?? []) {
    add(columns.get(nameOf(dimensions[1] ?? null)), timeOf(dimensions[0]), metrics[0] ?? null);
  }
  for (const [startMs, minute] of liveAfter(parts.totals, parts)) {
    add(totals, startMs, eventsOf(minute, filters));
  }
  for (const [startMs, minute] of liveAfter(parts.byName ?? parts.totals, parts)) {
    for (const [name, count] of Object.entries(minute.types)) {
      if (passesName(filters, name)) add(columns.get(name), startMs, count);
    }
  }

  const slotOf = (name: string, index: number): number => parts.slots?.get(name) ?? index;
  const layers = [...columns].map(([name, values], index): Layer => {
    const total = parts.wholes?.get(name) ?? (apart === undefined ? sum(values) : null);
    return { name, slot: slotOf(name, index), values, total };
  });
  if (apart !== undefined && names.length > 0) {
    const shown = layers.filter(({ values }) => values.some((value) => (value ?? 0) !== 0));
    return { window, layers: shown, isSum: false, totals, total: null };
  }
  const shown = layers.filter(({ total }) => (total ?? 0) > 0);
  // Without parts the whole has the first colour.
  const isWhole = names.length === 0;
  const rest = isWhole
    ? totals
    : totals.map((total, index) =>
        Math.max(0, (total ?? 0) - sum(shown.map(({ values }) => values[index] ?? 0))),
      );
  const others: Layer = { name: null, slot: isWhole ? 0 : null, values: rest, total: sum(rest) };
  const hasOthers = isWhole || (parts.hasOthers ?? true);
  const all = hasOthers && rest.some((value) => (value ?? 0) !== 0) ? [...shown, others] : shown;
  return { window, layers: all, isSum: true, totals, total: sum(totals) };
}

/** The minutes that the answer does not cover. */
function liveAfter(past: Past | null, { window, live }: StackParts) {
  const untilMs = past?.untilMs ?? null;
  if (!window.isLive || untilMs === null) return [];
  return [...live.minutes].filter(([ms]) => ms >= untilMs && ms < window.toMs);
}

export function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((all, value) => all + (value ?? 0), 0);
}
