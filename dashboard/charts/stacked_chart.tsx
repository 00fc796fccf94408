/** Events over time, stacked by type, with their count in words and all values as a table. */
import { Show } from "solid-js";
import { formatCount } from "../panels/format.ts";
import { ChartCanvas, openFrom, type StackedChartProps } from "./chart_canvas.tsx";
import { cutStart } from "../questions/window.ts";
import { barInUtc, barLabel, momentLabel } from "./bucket_label.ts";
import { PointTable } from "./point_table.tsx";

export function StackedChart(props: StackedChartProps) {
  const when = () => {
    const { window } = props.stack;
    if (props.point !== null) return barLabel(window, props.point, props.zone);
    const cutMs = cutStart(window);
    const cut =
      cutMs === null ? "" : `, the first from ${momentLabel(cutMs, window.unit, props.zone)} on`;
    const each = props.stack.isSum ? "in bars of one" : "a point for each";
    return `${each} ${window.unit}${cut}`;
  };
  const isCut = () => cutStart(props.stack.window) !== null;
  const inUtc = () =>
    props.point === null ? undefined : barInUtc(props.stack.window, props.point);
  const count = () =>
    (props.format ?? formatCount)(
      props.point === null ? props.stack.total : (props.stack.totals[props.point] ?? null),
    );
  return (
    <figure class="chart" classList={{ "is-loading": props.isLoading }}>
      <figcaption class="chart-caption">
        <Show when={props.point !== null || props.hasTotal !== false}>
          <span class="legend-value">{count()}</span>
        </Show>
        <span>{props.what}</span>
        <span class="chart-when" title={inUtc()}>
          {when()}
        </span>
        <Show when={openFrom(props) !== null || isCut()}>
          <span class="chart-open">
            <span class="hatched" aria-hidden="true" /> not complete{isCut() ? "" : " yet"}
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
