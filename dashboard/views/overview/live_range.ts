/**
 * The range of the page and the questions about it. The past is asked for up to the minute from
 * which on the stream has every minute. No timer asks: a question is asked again when its range
 * or filters change, when minutes were missed, and, while events come, when it has grown old.
 */
import { type Accessor, createEffect, createMemo, createSignal, on } from "solid-js";
import { toQueryFilter } from "../../address/filter.ts";
import { iso, type Range } from "../../address/range.ts";
import { askQuery } from "../../questions/ask.ts";
import { type Answer, createAnswer } from "../../questions/create_answer.ts";
import {
  addCounts,
  canBeLive,
  type LiveMinutes,
  NO_MINUTES,
} from "../../questions/live_minutes.ts";
import type { QueryAnswer, Question } from "../../questions/question.ts";
import type { Past } from "../../questions/stack.ts";
import { questionEnd, type Window, windowOf } from "../../questions/window.ts";
import type { Page } from "../../shell/page.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/**
 * Late events change an answer, and what it is compared with moves on: an answer of this age is
 * asked for again when the next event comes. Questions of longer ranges may read many rows.
 */
const ANSWER_MS_MAX: readonly (readonly [rangeMs: number, ageMs: number])[] = [
  // chosen
  [2 * HOUR_MS, 2 * MINUTE_MS],
  [48 * HOUR_MS, 10 * MINUTE_MS],
  [Number.POSITIVE_INFINITY, HOUR_MS],
];

export type Asked = Answer<Question, QueryAnswer>;

export type QuestionParts = Omit<Question, "date_range" | "timezone"> & {
  /** Whether it takes the comparison of the page. */
  readonly isCompared?: boolean;
  /** Another range than that of the page. */
  readonly range?: Question["date_range"];
  /** Whether the minutes of the stream go on from its answer; else it reaches until now. */
  readonly isPast?: boolean;
};

export interface LiveRange {
  /** While paused they stand still. */
  readonly live: Accessor<LiveMinutes>;
  /** Null before the first counts have come. */
  readonly window: Accessor<Window | null>;
  /** Asks about the range, with the filters of the page. */
  readonly ask: (parts: Accessor<QuestionParts | null>) => Asked;
}

export function createLiveRange(page: Page): LiveRange {
  const live = createMemo<LiveMinutes>((before) => {
    const counts = page.stream.counts();
    // A page that opens paused shows the moment at which it was opened.
    const isStill = page.state().isPaused && before.openMs !== null;
    return counts === null || isStill ? before : addCounts(before, counts);
  }, NO_MINUTES);
  const untilMs = createUntil(page, live);
  const openMs = createMemo(() => live().openMs);
  const window = createMemo(() => {
    const { range } = page.state();
    const nowMs = openMs();
    if (typeof range === "string" && nowMs === null) return null;
    return windowOf(range, { nowMs: nowMs ?? 0, zone: page.zone() });
  });
  const again = createMemo(() => `${page.reconnects()} ${newestOf(page, untilMs())}`);
  return {
    live,
    window,
    ask: (parts) =>
      createAnswer({
        question: createMemo(() => {
          const given = parts();
          if (given === null) return null;
          const range = given.range ?? askedRange(page, untilMs(), given.isPast ?? false);
          return range === null ? null : questionOf(page, range, given);
        }),
        ask: (question, signal) => askQuery(page.asker, question, signal),
        again,
        about: () => {
          const { range, filters, comparison } = page.state();
          return JSON.stringify([range, filters, comparison, page.zone(), parts()]);
        },
        pulse: page.stream.frame,
      }),
  };
}

/** An answer as the past of a stack. */
export function pastOf(page: Page, asked: Asked): Past | null {
  const last = asked.last();
  if (last === null) return null;
  const { date_range: range } = last.question;
  const isLive = typeof page.state().range === "string" && canBeLive(page.state().filters);
  const untilMs = isLive && typeof range !== "string" ? Date.parse(range[1]) : null;
  return { answer: last.answer, untilMs };
}

/**
 * The window as an answer covers it: the answer is some minutes old, and began as much earlier. So
 * the range is never shorter than its name says.
 */
export function coveredWindow(window: Window, asked: Asked): Window {
  const range = asked.last()?.question.date_range;
  const first = window.starts[0];
  if (!window.isLive || range === undefined || typeof range === "string") return window;
  const fromMs = Math.max(first ?? window.fromMs, Date.parse(range[0]));
  return fromMs < window.fromMs ? { ...window, fromMs } : window;
}

function questionOf(page: Page, range: Question["date_range"], given: QuestionParts): Question {
  const { isCompared = false, isPast: _, range: __, ...parts } = given;
  const { filters, comparison } = page.state();
  const mode = isCompared ? comparison : null;
  return {
    // The same hours of yesterday: between two times the processor goes back by their distance.
    date_range: mode !== null && page.state().range === "day" ? "day" : range,
    timezone: page.zone(),
    ...parts,
    filters: [...filters.map(toQueryFilter), ...(parts.filters ?? [])],
    ...(mode === null ? {} : { include: { comparisons: { mode } } }),
  };
}

/** Up to when the past is asked for: from there on the minutes of the stream are complete. */
function createUntil(page: Page, live: Accessor<LiveMinutes>): Accessor<number | null> {
  const [untilMs, setUntilMs] = createSignal<number | null>(null);
  createEffect(
    on(live, ({ sinceMs, openMs, minutes }) => {
      if (sinceMs === null || openMs === null) return;
      const until = untilMs();
      const { range } = page.state();
      const hasEvents = (minutes.get(openMs)?.events ?? 0) > 0;
      const isBroken = until === null || sinceMs > until || until > openMs;
      const isOld = !isBroken && openMs - until > answerMsMax(range, openMs, page.zone());
      // The last events of a range that has ended meanwhile.
      const hasEnded = !isBroken && typeof range !== "string" && until < range.toMs;
      const isWhole = hasEnded && openMs > range.toMs;
      if (isBroken || (isOld && hasEvents) || isWhole) {
        setUntilMs(Math.max(sinceMs, openMs - MINUTE_MS));
      }
    }),
  );
  return untilMs;
}

function answerMsMax(range: Range, nowMs: number, zone: string): number {
  const { fromMs, toMs } = windowOf(range, { nowMs, zone });
  return ANSWER_MS_MAX.find(([rangeMs]) => toMs - fromMs <= rangeMs)?.[1] ?? HOUR_MS;
}

/**
 * Changes when a question must be asked again that does not change itself: about today against
 * yesterday, or a range that lies still and has not ended.
 */
function newestOf(page: Page, untilMs: number | null): number | null {
  const { range } = page.state();
  if (range === "day") return untilMs;
  return typeof range === "string" || (untilMs ?? Infinity) >= range.toMs ? null : untilMs;
}

/** The range of a question: the past of a live one ends where the stream's minutes begin. */
function askedRange(
  page: Page,
  untilMs: number | null,
  isPast: boolean,
): readonly [string, string] | null {
  const { range, filters } = page.state();
  // Then it is known whether a range that lies still has ended.
  if (untilMs === null) return null;
  if (typeof range !== "string") return [iso(range.fromMs), iso(range.toMs)];
  const window = windowOf(range, { nowMs: untilMs + MINUTE_MS, zone: page.zone() });
  // Where the stream can't go on, the answer itself reaches to the end of the open minute.
  const isLive = isPast && canBeLive(filters);
  const endMs = isLive ? untilMs : questionEnd(window, untilMs + 2 * MINUTE_MS);
  return [iso(Math.min(window.fromMs, endMs - MINUTE_MS)), iso(endMs)];
}
