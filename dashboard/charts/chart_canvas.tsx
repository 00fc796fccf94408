/**
 * The canvas of a stacked chart (uPlot). Dragging zooms, a click on a layer picks it; with the
 * keyboard the arrows move over the bars, and Enter zooms into one.
 */
import { createEffect, createMemo, on, onCleanup, onMount, Show } from "solid-js";
import uPlot from "uplot";
import { formatCount } from "../panels/format.ts";
import type { Stack } from "../questions/stack.ts";
import { bucketAt, cutStart } from "../questions/window.ts";
import { barChartOptions } from "./bar_chart.ts";
import { barLabel } from "./bucket_label.ts";
import { columnsOf, layerAt } from "./stack_columns.ts";
import { seriesOf } from "./type_list.tsx";

export interface StackedChartProps {
  readonly stack: Stack;
  readonly zone: string;
  /** Everything accepted before this is drawn, ms; null when that is not known. */
  readonly completeMs: number | null;
  /** What is counted, for its caption. */
  readonly what: string;
  /** Whether the bars can be added up; true when absent. */
  readonly hasTotal?: boolean;
  /** How a value is written; counts when absent. */
  readonly format?: (value: number | null) => string;
  /** What stands after the numbers of the axis; nothing when absent. */
  readonly unit?: string;
  readonly isLoading: boolean;
  /** Whether it is only looked at: it takes no focus, and neither zooms nor picks. */
  readonly isInert?: boolean;
  /** The bar under the pointer or the keyboard's cursor. */
  readonly point: number | null;
  readonly onPoint: (index: number | null) => void;
  readonly onZoom: (range: { readonly fromMs: number; readonly toMs: number }) => void;
  /** A layer was picked; null is that of all other types. */
  readonly onPick: (name: string | null) => void;
}

export function ChartCanvas(props: StackedChartProps) {
  let host: HTMLDivElement | undefined;
  onMount(() => {
    if (host !== undefined) drawChart(host, props);
  });
  const move = (event: KeyboardEvent): void => {
    const { starts } = props.stack.window;
    const last = starts.length - 1;
    const index = STEPS[event.key]?.(props.point, last);
    if (index !== undefined) {
      event.preventDefault();
      props.onPoint(Math.min(last, Math.max(0, index)));
    } else if (event.key === "Enter" && props.point !== null) {
      const start = starts[props.point] ?? 0;
      zoom(props, start, start + 1);
    }
  };
  return (
    <div
      class="chart-canvas"
      role="group"
      tabindex={props.isInert ? undefined : "0"}
      aria-roledescription={props.stack.isSum ? "bar chart" : "line chart"}
      aria-label={`${props.what} over time${props.isInert ? "" : KEYS_HINT}`}
      onKeyDown={(event) => {
        if (!props.isInert) move(event);
      }}
      onBlur={() => props.onPoint(null)}
      ref={(element) => {
        host = element;
      }}
    >
      <p class="visually-hidden" role="status">
        <Show when={props.point !== null}>{words(props)}</Show>
      </p>
    </div>
  );
}

const KEYS_HINT = ". Arrow keys read the bars, Enter zooms.";

/** Keeps a chart in the box for as long as the owner lives. */
function drawChart(box: HTMLDivElement, props: StackedChartProps): void {
  let chart: uPlot | null = null;
  const starts = () => props.stack.window.starts;
  /** Where the chart must be made again: its layers, colours or axis differ. */
  const shape = createMemo(() =>
    JSON.stringify([
      props.stack.layers.map(({ name, slot }) => [name, slot]),
      [props.stack.isSum, props.unit],
      props.zone,
      props.stack.window.unit,
    ]),
  );
  const make = (): void => {
    chart?.destroy();
    const { layers, window } = props.stack;
    chart = new uPlot(
      barChartOptions({
        host: box,
        colors: layers.map(({ slot }) => `--series-${seriesOf(slot)}`),
        zone: props.zone,
        unit: window.unit,
        range: () => [(starts()[0] ?? 0) / 1000, props.stack.window.toMs / 1000],
        openFrom: () => inSeconds(openFrom(props)),
        cutUntil: () => inSeconds(cutUntil(props)),
        onPoint: (seconds) =>
          props.onPoint(seconds === null ? null : indexAt(props.stack, seconds * 1000)),
        onSelect: (from, to) => zoom(props, from * 1000, to * 1000),
        tickUnit: props.unit ?? "",
        isLines: !props.stack.isSum,
        isWhole: props.format === undefined,
        isInert: props.isInert ?? false,
        onClick: (seconds, value) => {
          const index = indexAt(props.stack, seconds * 1000);
          if (index !== null) props.onPick(layerAt(props.stack, index, value));
        },
      }),
      columnsOf(props.stack),
      box,
    );
  };
  let drawn = "";
  // One effect: the data of other layers must never reach the chart of the layers before.
  createEffect(
    on([() => props.stack, () => props.completeMs, shape], ([stack, , wanted]) => {
      if (chart === null || wanted !== drawn) make();
      else chart.setData(columnsOf(stack));
      drawn = wanted;
    }),
  );
  createEffect(() => {
    const start = starts()[props.point ?? -1];
    if (start === undefined || document.activeElement !== box || chart === null) return;
    chart.setCursor({ left: chart.valToPos(start / 1000, "x") + 2, top: 0 });
  });
  const resize = new ResizeObserver(() =>
    chart?.setSize({ width: box.clientWidth, height: box.clientHeight }),
  );
  resize.observe(box);
  const theme = new MutationObserver(() => chart?.redraw());
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  onCleanup(() => {
    resize.disconnect();
    theme.disconnect();
    chart?.destroy();
  });
}

/** The bar under a point of the axis, or null beside the bars. */
function indexAt({ window }: Stack, ms: number): number | null {
  const index = bucketAt(window.starts, ms);
  return index < 0 || ms >= window.toMs ? null : index;
}

/** Zooms to what the bars hold. */
function zoom({ stack, onZoom }: StackedChartProps, fromMs: number, toMs: number): void {
  const { starts, fromMs: beginMs, toMs: endMs } = stack.window;
  const first = Math.max(0, bucketAt(starts, fromMs));
  const last = Math.max(first, bucketAt(starts, toMs - 1));
  const start = starts[first];
  if (start === undefined) return;
  onZoom({ fromMs: Math.max(start, beginMs), toMs: Math.min(starts[last + 1] ?? endMs, endMs) });
}

/** Start of the first bucket in which events may still appear, ms. */
export function openFrom({ stack, completeMs }: StackedChartProps): number | null {
  const { starts, toMs } = stack.window;
  if (completeMs === null || completeMs >= toMs) return null;
  return starts[Math.max(0, bucketAt(starts, completeMs))] ?? null;
}

/** End of the first bucket where it is a part of one, ms. */
function cutUntil({ stack: { window } }: StackedChartProps): number | null {
  return cutStart(window) === null ? null : (window.starts[1] ?? window.toMs);
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

const STEPS: {
  readonly [key: string]: (point: number | null, last: number) => number;
} = {
  ArrowLeft: (point, last) => (point ?? last + 1) - 1,
  ArrowRight: (point, last) => (point ?? last - 1) + 1,
  Home: () => 0,
  End: (_, last) => last,
};

/** The pointed bar as a sentence. */
function words({ stack, point, zone, format = formatCount }: StackedChartProps): string {
  const index = point ?? 0;
  const label = barLabel(stack.window, index, zone);
  const parts = stack.layers
    .filter(({ values }) => stack.layers.length > 1 && (values[index] ?? 0) > 0)
    .map(({ name, values }) => `${name ?? "other"} ${format(values[index] ?? null)}`);
  return `${label}: ${format(stack.totals[index] ?? null)}. ${parts.join(", ")}`;
}
