/**
 * The options of uPlot for stacked bars over time. The last bars are hatched where events may
 * still come; the colours are asked for at each painting, because the theme can change.
 */
import uPlot from "uplot";
import { formatTick } from "../panels/format.ts";
import type { Unit } from "../questions/zone.ts";

export interface BarChartOptions {
  readonly host: HTMLElement;
  /** Colour variables of the layers, from the top of the stack to its bottom. */
  readonly colors: readonly string[];
  readonly zone: string;
  readonly unit: Unit;
  /** First and last moment of the axis, s. */
  readonly range: () => readonly [number, number];
  /** Buckets from here on are hatched, s; null when all are complete. */
  readonly openFrom: () => number | null;
  /** End of the first bucket, s, where it is a part of one, and is hatched, too; else null. */
  readonly cutUntil: () => number | null;
  /** The place of the pointer on the axis, s; null beside the chart. */
  readonly onPoint: (seconds: number | null) => void;
  /** What stands after the numbers of the vertical axis. */
  readonly tickUnit: string;
  /** Whether each layer is a line: they don't add up to a bar. */
  readonly isLines: boolean;
  /** Whether all values are whole. */
  readonly isWhole: boolean;
  /** Whether the pointer does nothing. */
  readonly isInert: boolean;
  /** A range was dragged, in s. */
  readonly onSelect: (from: number, to: number) => void;
  /** A click: its place on the axis, s, and the value at its height. */
  readonly onClick: (seconds: number, value: number) => void;
}

export function barChartOptions(options: BarChartOptions): uPlot.Options {
  const { host, zone } = options;
  const color = (name: string) => () => getComputedStyle(host).getPropertyValue(name).trim();
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const bars = uPlot.paths.bars?.({ align: 1, size: [0.86, 80] });
  return {
    width: Math.max(1, host.clientWidth),
    height: Math.max(1, host.clientHeight),
    padding: [10, 24, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: {
      show: !options.isInert,
      y: false,
      drag: { x: true, y: false, setScale: false, dist: DRAG_PX_MIN },
      points: { show: false },
    },
    scales: {
      x: { range: () => [...options.range()] },
      y: { range: (_, min, max) => rangeOfValues(min ?? 0, max ?? 0, options.isWhole) },
    },
    axes: [
      { ...axis, space: 76, size: 30, values: (_, ticks) => tickLabels(ticks, options) },
      {
        ...axis,
        size: 52,
        values: (_, ticks) => ticks.map((tick) => `${formatTick(tick)}${options.tickUnit}`),
        ...(options.isWhole ? { incrs: WHOLE_STEPS } : {}),
      },
    ],
    series: [
      {},
      ...options.colors.map((name): uPlot.Series => {
        if (options.isLines) {
          return { stroke: color(name), width: 2, points: { size: 6, fill: color(name) } };
        }
        return {
          stroke: color(name),
          fill: color(name),
          width: 0,
          ...(bars === undefined ? {} : { paths: bars }),
          points: { show: false },
        };
      }),
    ],
    hooks: {
      setCursor: [(chart) => options.onPoint(placeOf(chart))],
      setSelect: [(chart) => select(chart, options)],
      ready: options.isInert ? [] : [(chart) => listenForClicks(chart, options)],
      draw: [
        (chart) => {
          const ground = color("--card")();
          const { openFrom, cutUntil, range } = options;
          hatch(chart, { from: openFrom(), to: range()[1] }, ground);
          hatch(chart, { from: cutUntil() === null ? null : range()[0], to: cutUntil() }, ground);
        },
      ],
    },
  };
}

/** A shorter way of the pointer is a click. */
const DRAG_PX_MIN = 6;
/** The axis reaches at least this, so that a single event does not fill the chart. */
const Y_AXIS_MIN = 5;
function rangeOfValues(min: number, max: number, isWhole: boolean): [number, number] {
  const least = isWhole ? Y_AXIS_MIN : Number.MIN_VALUE;
  return [Math.min(0, min * 1.08), Math.max(least, max * 1.08)];
}

/** Events are whole. */
const WHOLE_STEPS = Array.from({ length: 14 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** power),
).flat();

function select(chart: uPlot, { onSelect }: BarChartOptions): void {
  const { left, width } = chart.select;
  if (width < DRAG_PX_MIN) return;
  const from = chart.posToVal(left, "x");
  const to = chart.posToVal(left + width, "x");
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSelect(from, to);
}

function listenForClicks(chart: uPlot, { onClick }: BarChartOptions): void {
  let downAt = 0;
  chart.over.addEventListener("pointerdown", (event) => (downAt = event.clientX));
  chart.over.addEventListener("click", (event) => {
    const seconds = placeOf(chart);
    if (Math.abs(event.clientX - downAt) >= DRAG_PX_MIN) return;
    if (seconds !== null) onClick(seconds, chart.posToVal(chart.cursor.top ?? 0, "y"));
  });
}

function placeOf(chart: uPlot): number | null {
  const { left } = chart.cursor;
  return left === undefined || left < 0 ? null : chart.posToVal(left, "x");
}

interface Part {
  readonly from: number | null;
  readonly to: number | null;
}

/** Stripes in the colour of the ground over bars that are a part, or may still grow. */
function hatch(chart: uPlot, { from, to }: Part, ground: string): void {
  if (from === null || to === null) return;
  const { ctx, bbox } = chart;
  const left = Math.max(bbox.left, chart.valToPos(from, "x", true));
  const right = Math.min(bbox.left + bbox.width, chart.valToPos(to, "x", true));
  if (left >= right) return;
  const step = 5 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.strokeStyle = ground;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  for (let x = left - bbox.height; x < right; x += step) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

/** Times of day for minutes and hours, with the date where a day begins; dates for the rest. */
function tickLabels(
  ticks: readonly number[],
  { zone, unit }: Pick<BarChartOptions, "zone" | "unit">,
): string[] {
  const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: zone });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: zone });
  const month = new Intl.DateTimeFormat("en-GB", {
    month: "short",
    year: "numeric",
    timeZone: zone,
  });
  return ticks.map((tick) => {
    const ms = tick * 1000;
    if (unit === "month") return month.format(ms);
    if (unit === "day" || unit === "week") return day.format(ms);
    const clock = time.format(ms);
    return clock === "00:00" ? day.format(ms) : clock;
  });
}
