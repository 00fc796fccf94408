/**
 * Received, stored and archived per second over the last minutes (uPlot). The
 * canvas has its latest values in words, and the whole series as a table.
 */
import { createEffect, createSignal, For, onCleanup, onMount, Show } from "solid-js";
import uPlot from "uplot";
import { formatRate, formatTick, formatTime } from "./format.ts";
import type { RateHistory } from "../stream/history.ts";

/** Smallest span of the time axis, s: with less, the first points would jump about. */
const WINDOW_SECONDS_MIN = 60;
/** The axis reaches at least this rate, so that a single event does not fill the chart. */
const RATE_AXIS_MIN = 10;
const TABLE_ROWS_MAX = 12;

const LINES = [
  { key: "received", label: "Received", width: 2, dash: [] },
  { key: "stored", label: "Stored", width: 2, dash: [7, 4] },
  { key: "archived", label: "Archived", width: 2, dash: [2, 4] },
] as const;

export function RateChart(props: { readonly history: RateHistory }) {
  const [pointed, setPointed] = createSignal<number | null>(null);
  const shown = () => {
    const last = props.history.seconds.length - 1;
    const index = pointed();
    return index === null || index > last ? last : index;
  };
  const hasPoints = () => props.history.seconds.length > 0;
  const value = (key: (typeof LINES)[number]["key"]) =>
    formatRate(props.history[key][shown()] ?? null);
  const shownTime = () => time(props.history.seconds[shown()]);
  return (
    <figure class="chart">
      <figcaption class="chart-caption">
        <span>Events per second</span>
        <ul class="legend">
          <For each={LINES}>
            {(line) => (
              <li>
                <span class="swatch" data-line={line.key} aria-hidden="true" />
                {line.label} <span class="legend-value">{value(line.key)}</span>
              </li>
            )}
          </For>
        </ul>
        <span class="chart-time">{hasPoints() ? shownTime() : ""}</span>
      </figcaption>
      <Canvas history={props.history} onPoint={setPointed} />
      <Show
        when={hasPoints()}
        fallback={<p class="empty">The line begins with the first frame.</p>}
      >
        <PointTable history={props.history} />
      </Show>
    </figure>
  );
}

function Canvas(props: {
  readonly history: RateHistory;
  readonly onPoint: (index: number | null) => void;
}) {
  let box: HTMLDivElement | undefined;
  onMount(() => {
    if (box === undefined) return;
    const host = box;
    const chart = new uPlot(chartOptions(host, props.onPoint), [[], [], [], []], host);
    const resize = new ResizeObserver(() =>
      chart.setSize({ width: host.clientWidth, height: host.clientHeight }),
    );
    resize.observe(host);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const repaint = (): void => chart.redraw();
    scheme.addEventListener("change", repaint);
    createEffect(() => {
      const { seconds, received, stored, archived } = props.history;
      chart.setData([[...seconds], [...received], [...stored], [...archived]]);
    });
    onCleanup(() => {
      resize.disconnect();
      scheme.removeEventListener("change", repaint);
      chart.destroy();
    });
  });
  return (
    <div
      class="chart-canvas"
      role="img"
      aria-label="Line chart of events received, stored and archived per second over the last minutes"
      ref={(element) => {
        box = element;
      }}
    />
  );
}

function chartOptions(host: HTMLElement, onPoint: (index: number | null) => void): uPlot.Options {
  // Asked at each painting: the colours follow the viewer's scheme.
  const color = (name: string) => () => getComputedStyle(host).getPropertyValue(name).trim();
  const axis = {
    stroke: color("--muted"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  return {
    width: Math.max(1, host.clientWidth),
    height: Math.max(1, host.clientHeight),
    // Room at the right for half of the last label.
    padding: [8, 26, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - WINDOW_SECONDS_MIN), max] },
      y: { range: (_, __, max) => [0, Math.max(RATE_AXIS_MIN, (max ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, space: 90, size: 28, values: (_, ticks) => ticks.map((tick) => time(tick)) },
      { ...axis, size: 48, values: (_, ticks) => ticks.map(formatTick) },
    ],
    series: [
      {},
      ...LINES.map((line) => ({
        label: line.label,
        stroke: color(`--${line.key}`),
        ...(line.key === "received" ? { fill: color("--received-soft") } : {}),
        width: line.width,
        dash: [...line.dash],
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [(chart) => onPoint(chart.cursor.idx ?? null)] },
  };
}

/** The newest points as a table, for viewers who can't see the line. */
function PointTable(props: { readonly history: RateHistory }) {
  const [isOpen, setOpen] = createSignal(false);
  const indexes = () => {
    const { length } = props.history.seconds;
    const count = Math.min(TABLE_ROWS_MAX, length);
    return Array.from({ length: count }, (_, row) => length - 1 - row);
  };
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The newest points as a table</summary>
      <Show when={isOpen()}>
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <For each={LINES}>{(line) => <th scope="col">{line.label}</th>}</For>
            </tr>
          </thead>
          <tbody>
            <For each={indexes()}>
              {(index) => (
                <tr>
                  <th scope="row">{time(props.history.seconds[index])}</th>
                  <For each={LINES}>
                    {(line) => <td>{formatRate(props.history[line.key][index] ?? null)}</td>}
                  </For>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </Show>
    </details>
  );
}

function time(seconds: number | undefined): string {
  const ms = seconds === undefined ? null : seconds * 1000;
  return formatTime(ms, { nowMs: ms ?? 0 });
}
