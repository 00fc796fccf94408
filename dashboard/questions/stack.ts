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
  /** Its place among `names`, which decides its colour; null for the others. */
  readonly slot: number | null;
  /** Rows by bucket. */
  readonly values: readonly number[];
  readonly total: number;
}

export interface Stack {
  readonly window: Window;
  /** In the order of `names`, all others last; without layers of nothing. */
  readonly layers: readonly Layer[];
  readonly totals: readonly number[];
  readonly total: number;
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
  /** Events by time. */
  readonly totals: Past | null;
  /** Events by time and type, of `names` alone. */
  readonly byName: Past | null;
  readonly live: LiveMinutes;
}

export function buildStack(parts: StackParts): Stack {
  const { window, names, filters, nameOf = String } = parts;
  const { starts } = window;
  const empty = (): number[] => starts.map(() => 0);
  const totals = empty();
  const columns = new Map(names.map((name) => [name, empty()]));
  const add = (column: number[] | undefined, ms: number, count: number): void => {
    const index = bucketAt(starts, ms);
    if (column !== undefined && index >= 0) column[index] = (column[index] ?? 0) + count;
  };
  const timeOf = (label: unknown): number => readLabel(String(label), parts.zone);

  for (const { dimensions, metrics } of parts.totals?.answer.results ?? []) {
    add(totals, timeOf(dimensions[0]), metrics[0] ?? 0);
  }
  for (const { dimensions, metrics } of parts.byName?.answer.results ?? []) {
    add(columns.get(nameOf(dimensions[1] ?? null)), timeOf(dimensions[0]), metrics[0] ?? 0);
  }
  for (const [startMs, minute] of liveAfter(parts.totals, parts)) {
    add(totals, startMs, eventsOf(minute, filters));
  }
  for (const [startMs, minute] of liveAfter(parts.byName ?? parts.totals, parts)) {
    for (const [name, count] of Object.entries(minute.types)) {
      if (passesName(filters, name)) add(columns.get(name), startMs, count);
    }
  }

  const layers = [...columns].map(([name, values], slot) => layer({ name, slot, values }));
  const shown = layers.filter(({ total }) => total > 0);
  const rest = totals.map((total, index) =>
    Math.max(0, total - shown.reduce((all, { values }) => all + (values[index] ?? 0), 0)),
  );
  // Without parts the whole has the first colour.
  const others = layer({ name: null, slot: names.length === 0 ? 0 : null, values: rest });
  const all = others.total > 0 ? [...shown, others] : shown;
  return { window, layers: all, totals, total: sum(totals) };
}

function layer(parts: Omit<Layer, "total">): Layer {
  return { ...parts, total: sum(parts.values) };
}

/** The minutes that the answer does not cover. */
function liveAfter(past: Past | null, { window, live }: StackParts) {
  const untilMs = past?.untilMs ?? null;
  if (!window.isLive || untilMs === null) return [];
  return [...live.minutes].filter(([ms]) => ms >= untilMs && ms < window.toMs);
}

export function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
