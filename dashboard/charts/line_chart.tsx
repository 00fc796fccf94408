/** A line over time with its axes: what is measured and in which unit, and from when to when. */
import { createMemo, For } from "solid-js";
import type { WallMs } from "@tally/shared/clock";
import { formatTime } from "../panels/format.ts";
import { Sparkline } from "./sparkline.tsx";
import "./line_chart.css";

export interface LineChartProps {
  readonly values: readonly (number | null)[];
  /** Start of each step, seconds since 1970. */
  readonly seconds: readonly number[];
  /** The unit, as the axis names it. */
  readonly unit: string;
  /** The top of the axis for the greatest value. */
  readonly round: (most: number) => number;
  readonly format: (value: number) => string;
  readonly nowMs: WallMs;
  readonly zone: string;
}

/** The words beside it say the same: the axes are for the eye. */
export function LineChart(props: LineChartProps) {
  const most = createMemo(() => props.round(Math.max(0, ...props.values.map((each) => each ?? 0))));
  const ticks = () => [most(), most() / 2, 0];
  const at = (second: number | undefined) =>
    formatTime(second === undefined ? null : second * 1000, {
      nowMs: props.nowMs,
      zone: props.zone,
    });
  const middle = () => props.seconds[Math.floor((props.seconds.length - 1) / 2)];
  return (
    <div class="line-chart" aria-hidden="true">
      <span class="line-unit">{props.unit}</span>
      <div class="line-ticks">
        <For each={ticks()}>{(tick) => <span>{props.format(tick)}</span>}</For>
      </div>
      <div class="line-plot">
        <Sparkline values={props.values} most={most()} />
      </div>
      <div class="line-times">
        <span>{at(props.seconds[0])}</span>
        <span>{at(middle())}</span>
        <span>{at(props.seconds.at(-1))}</span>
      </div>
    </div>
  );
}
