/**
 * The figures of the last half hour, one point per step: the processor keeps them for pages that
 * open, and a page goes on with them. Pure, in columns. Where frames are missing, there is a hole.
 */
import type { MetricsFrame } from "./frame.ts";

/** Seconds between two points. */
export const STEP_SECONDS = 5; // chosen
/** Half an hour. */
export const POINTS_MAX = 360; // chosen
/** Points further apart than this are not joined: what was between them is not known. */
export const GAP_SECONDS = 3 * STEP_SECONDS;

/** Names of the columns. */
export const HISTORY_FIGURES = [
  "received",
  "stored",
  "archived",
  "lag",
  "archiveLag",
  "p50",
  "p99",
  "oldestUnarchivedSeconds",
  "deadLetters",
] as const;

type Figure = (typeof HISTORY_FIGURES)[number];
type Column = readonly (number | null)[];

/** Rates are per second, latencies ms; null where a figure was not known. */
export interface FrameHistory extends Readonly<Record<Figure, Column>> {
  /** Start of each step, seconds since 1970. */
  readonly seconds: readonly number[];
}

export const EMPTY_HISTORY: FrameHistory = {
  seconds: [],
  received: [],
  stored: [],
  archived: [],
  lag: [],
  archiveLag: [],
  p50: [],
  p99: [],
  oldestUnarchivedSeconds: [],
  deadLetters: [],
};

/** How the frames of one step become a point: of what is bad the most, else the newest. */
const IS_PEAK: ReadonlySet<Figure> = new Set<Figure>([
  "lag",
  "archiveLag",
  "p50",
  "p99",
  "oldestUnarchivedSeconds",
]);

/**
 * Adds a frame. One that is older than the last point by more than a gap is from a clock that was
 * set back: the history begins again there.
 */
export function addToHistory(history: FrameHistory, frame: MetricsFrame): FrameHistory {
  const at = Date.parse(frame.ts) / 1000;
  const last = history.seconds.at(-1);
  if (!Number.isFinite(at)) return history;
  const step = Math.floor(at / STEP_SECONDS) * STEP_SECONDS;
  if (last === undefined) return grow(EMPTY_HISTORY, [step], frame);
  if (last - step > GAP_SECONDS) return grow(EMPTY_HISTORY, [step], frame);
  if (step === last) return merge(history, frame);
  if (step < last) return history;
  const isGap = step - last > GAP_SECONDS;
  return grow(history, isGap ? [last + STEP_SECONDS, step] : [step], frame);
}

function grow(
  history: FrameHistory,
  seconds: readonly number[],
  frame: MetricsFrame,
): FrameHistory {
  const holes = seconds.slice(1).map(() => null);
  return trim({
    seconds: [...history.seconds, ...seconds],
    ...mapFigures((figure) => [...history[figure], ...holes, valueOf(frame, figure)]),
  });
}

/** Forgets what is older than half an hour before the last point. */
function trim(history: FrameHistory): FrameHistory {
  const oldest = (history.seconds.at(-1) ?? 0) - POINTS_MAX * STEP_SECONDS;
  const first = history.seconds.findIndex((second) => second > oldest);
  if (first <= 0) return history;
  return {
    seconds: history.seconds.slice(first),
    ...mapFigures((figure) => history[figure].slice(first)),
  };
}

/**
 * Joins what a processor has kept with what a page has seen itself. A processor that has just
 * started knows less than the page; a page that has just opened knows less than the processor.
 *
 * @returns All points in the order of time; where both have a step, that of the processor.
 */
export function joinHistories(kept: FrameHistory, own: FrameHistory): FrameHistory {
  const sources = new Map<number, readonly [FrameHistory, number]>();
  for (const source of [own, kept]) {
    source.seconds.forEach((second, index) => sources.set(second, [source, index]));
  }
  const seconds = [...sources.keys()].toSorted((a, b) => a - b);
  const column = (figure: Figure): Column =>
    seconds.map((second) => {
      const [source, index] = sources.get(second) ?? [EMPTY_HISTORY, 0];
      return source[figure][index] ?? null;
    });
  return trim({ seconds, ...mapFigures(column) });
}

function merge(history: FrameHistory, frame: MetricsFrame): FrameHistory {
  const joined = (figure: Figure): number | null => {
    const before = history[figure].at(-1) ?? null;
    const value = valueOf(frame, figure);
    if (before === null || value === null) return value ?? before;
    return IS_PEAK.has(figure) ? Math.max(before, value) : value;
  };
  return {
    seconds: history.seconds,
    ...mapFigures((figure) => [...history[figure].slice(0, -1), joined(figure)]),
  };
}

function valueOf(frame: MetricsFrame, figure: Figure): number | null {
  switch (figure) {
    case "received":
    case "stored":
    case "archived":
      return frame.eventsPerSecond[figure];
    case "p50":
    case "p99":
      return frame.latencyMs[figure];
    case "lag":
      return frame.lag;
    case "archiveLag":
      return frame.archive.enabled ? sumOf(frame.partitions.map((each) => each.archiveLag)) : null;
    case "oldestUnarchivedSeconds":
      return frame.archive.enabled ? frame.archive.oldestUnarchivedSeconds : null;
    case "deadLetters":
      return frame.deadLetters.total;
  }
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce((all, each) => (all === null || each === null ? null : all + each), 0);
}

function mapFigures(column: (figure: Figure) => Column): Readonly<Record<Figure, Column>> {
  return Object.fromEntries(HISTORY_FIGURES.map((figure) => [figure, column(figure)])) as Record<
    Figure,
    Column
  >;
}

/** Reads the answer of `GET /metrics/history`; null when it is none. */
export function readHistory(value: unknown): FrameHistory | null {
  if (typeof value !== "object" || value === null) return null;
  const columns = new Map<string, unknown>(Object.entries(value));
  const { length = -1 } = asArray(columns.get("seconds")) ?? {};
  const isWhole = HISTORY_FIGURES.every(
    (figure) => asArray(columns.get(figure))?.length === length,
  );
  return isWhole ? (value as FrameHistory) : null;
}

function asArray(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}
