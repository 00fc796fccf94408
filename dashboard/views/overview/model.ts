/** The figures of the overview as signals: what the query API says, and what the stream adds. */
import { type Accessor, createMemo } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import { changeOf } from "../../charts/change.tsx";
import type { LiveMinutes } from "../../questions/live_minutes.ts";
import { type GoneValue, goneValues, isEarlierOf } from "../../questions/gone.ts";
import { slotsOf } from "../../questions/slots.ts";
import { buildStack, type Stack } from "../../questions/stack.ts";
import type { Page } from "../../shell/page.ts";
import {
  type Asked,
  coveredWindow,
  createLiveRange,
  type LiveRange,
  pastOf,
  type QuestionParts,
} from "./live_range.ts";

/** Types with a layer of their own. */
export const LAYERS_MAX = 7;

export interface Overview {
  readonly range: LiveRange;
  /** The last frame; while paused, that of the moment of the pause. */
  readonly frame: Accessor<MetricsFrame | null>;
  /** Null until its questions are answered. */
  readonly stack: Accessor<Stack | null>;
  readonly isLoading: Accessor<boolean>;
  /** Why there is no stack, or null. */
  readonly problem: Asked["problem"];
  /** Everything accepted before this is in the stack, ms. */
  readonly completeMs: Accessor<number | null>;
  /** Change of each type against the range before, in percent; null when there was none of it. */
  readonly changes: Accessor<ReadonlyMap<string, number | null>>;
  /** Types that the compared range had, and the range has not. */
  readonly gone: Accessor<readonly GoneValue[]>;
  /** Events of the range, with the comparison. */
  readonly events: Asked;
}

export function createOverview(page: Page): Overview {
  const range = createLiveRange(page);
  const time = createMemo(() => `time:${range.window()?.unit ?? "minute"}`);
  const byName = range.ask(() => ({
    metrics: ["events"],
    dimensions: ["event:name"],
    pagination: { limit: NAMES_MAX },
    isCompared: true,
  }));
  const earlier = range.ask(() => earlierParts(byName));
  const byTime = range.ask(() => ({ metrics: ["events"], dimensions: [time()], isPast: true }));
  const asked = createMemo(() => namesOf(byName), [], { equals: isSameList });
  const namesByTime = range.ask(() =>
    asked().length === 0
      ? null
      : {
          metrics: ["events"],
          dimensions: [time(), "event:name"],
          filters: [["is", "event:name", asked()]],
          isPast: true,
        },
  );
  // Types that only the stream has seen so far follow, and keep their place.
  const names = createMemo<readonly string[]>((before) => {
    const base = asked().every((name, index) => before[index] === name) ? before : asked();
    return withNewNames(base, range.live());
  }, []);
  const stack = createMemo(() => {
    const window = range.window();
    const totals = pastOf(page, byTime);
    // All of it at once: a chart that changes its parts while it loads is misread.
    const isNamed = asked().length === 0 || namesByTime.last() !== null;
    if (window === null || totals === null || byName.last() === null || !isNamed) return null;
    const { filters } = page.state();
    const covered = coveredWindow(window, byTime);
    const slots = slotsOf("event:name", names());
    const parts = {
      window: covered,
      slots,
      zone: page.zone(),
      filters,
      names: names(),
      live: range.live(),
    };
    return buildStack({ ...parts, totals, byName: pastOf(page, namesByTime) });
  });
  return {
    range,
    frame: createMemo<MetricsFrame | null>(
      (before) => (page.state().isPaused && before !== null ? before : page.stream.frame()),
      null,
    ),
    stack,
    isLoading: () => byTime.isLoading() || namesByTime.isLoading(),
    problem: () => byTime.problem() ?? byName.problem() ?? namesByTime.problem(),
    completeMs: createMemo(() => {
      const isStill = typeof page.state().range !== "string";
      // A range that lies still shows what was complete when it was asked for.
      const asked = isStill ? byTime.last()?.answer.meta.complete_up_to : undefined;
      return parseTime(asked === undefined ? page.stream.counts()?.completeUpTo : asked);
    }),
    changes: createMemo(() => changesOf(byName, names())),
    gone: createGone(page, { earlier, byName, range }),
    events: range.ask(() => ({ metrics: ["events"], isCompared: true })),
  };
}

/** Types that are compared; the chart shows the first of them. */
const NAMES_MAX = 100;

export function parseTime(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Date.parse(text);
}

function namesOf(byName: Asked): readonly string[] {
  const results = byName.last()?.answer.results ?? [];
  return results.slice(0, LAYERS_MAX).map(({ dimensions }) => String(dimensions[0]));
}

/**
 * Both numbers are of one answer: what came since then would look like growth. A type that only
 * the stream has seen since then is new, when the answer lists all that there were.
 */
function changesOf(byName: Asked, names: readonly string[]): ReadonlyMap<string, number | null> {
  const { results = [], meta } = byName.last()?.answer ?? {};
  const changes = new Map<string, number | null>(
    results.map(({ dimensions, metrics, comparison }) => [
      String(dimensions[0]),
      changeOf(metrics[0] ?? 0, comparison?.metrics[0] ?? 0),
    ]),
  );
  const isWhole = meta?.comparison !== undefined && meta.total_rows <= results.length;
  for (const name of isWhole ? names : []) if (!changes.has(name)) changes.set(name, null);
  return changes;
}

/** Types of the compared range: an answer lists only those that it has now. */
function earlierParts(byName: Asked): QuestionParts | null {
  const compared = byName.last()?.answer.meta.comparison;
  if (compared === undefined) return null;
  const pagination = { limit: NAMES_MAX };
  const range = compared.date_range;
  return { metrics: ["events"], dimensions: ["event:name"], pagination, range };
}

/** Without those that have come since the question. */
function createGone(
  page: Page,
  { earlier, byName, range }: { earlier: Asked; byName: Asked; range: LiveRange },
): Accessor<readonly GoneValue[]> {
  const all = createMemo<{ about: string; values: readonly GoneValue[] }>(
    (kept) => {
      const { range: of, filters, comparison } = page.state();
      const about = JSON.stringify([of, filters, comparison, page.zone()]);
      const [before, now] = [earlier.last(), byName.last()];
      if (before !== null && now !== null && isEarlierOf(before, now)) {
        return { about, values: goneValues(now.answer, before.answer) };
      }
      // The list stays while the same is asked again.
      return kept.about === about ? kept : { about, values: [] };
    },
    { about: "", values: [] },
  );
  return createMemo(() => {
    const fromMs = range.window()?.fromMs ?? 0;
    const minutes = [...range.live().minutes].filter(([ms]) => ms >= fromMs);
    const hasCome = ({ value }: GoneValue): boolean =>
      minutes.some(([, { types }]) => Object.hasOwn(types, String(value)));
    return all().values.filter((each) => !hasCome(each));
  });
}

function withNewNames(names: readonly string[], { minutes }: LiveMinutes): readonly string[] {
  const all = new Set(names);
  for (const { types } of minutes.values()) {
    for (const name of Object.keys(types).toSorted()) if (all.size < LAYERS_MAX) all.add(name);
  }
  return all.size === names.length ? names : [...all];
}

function isSameList(before: readonly string[], after: readonly string[]): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
