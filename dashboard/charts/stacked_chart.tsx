/** Events over time, stacked by type, with their count in words and all values as a table. */
import { Show } from "solid-js";
import { formatCount } from "../panels/format.ts";
import { ChartCanvas, openFrom, type StackedChartProps } from "./chart_canvas.tsx";
import { bucketLabel } from "./bucket_label.ts";
import { PointTable } from "./point_table.tsx";

export function StackedChart(props: StackedChartProps) {
  const when = () => {
    const { starts, unit } = props.stack.window;
    return props.point === null
      ? `in bars of one ${unit}`
      : bucketLabel(starts[props.point] ?? 0, unit, props.zone);
  };
  const count = () =>
    (props.format ?? formatCount)(
      props.point === null ? props.stack.total : (props.stack.totals[props.point] ?? 0),
    );
  return (
    <figure class="chart" classList={{ "is-loading": props.isLoading }}>
      <figcaption class="chart-caption">
        <Show when={props.point !== null || props.hasTotal !== false}>
          <span class="legend-value">{count()}</span>
        </Show>
        {props.what}
        <span class="chart-when">{when()}</span>
        <Show when={openFrom(props) !== null}>
          <span class="chart-open">
            <span class="hatched" aria-hidden="true" /> not complete yet
          </span>
        </Show>
      </figcaption>
      <ChartCanvas {...props} />
      <Show when={!props.isInert}>
        <PointTable
          what={props.what}
          stack={props.stack}
          zone={props.zone}
          format={props.format ?? formatCount}
        />
      </Show>
    </figure>
  );
}
