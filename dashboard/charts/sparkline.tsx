/** A small line without axes; beside it, a figure says the same in words, or a chart has axes. */
import { createMemo, Show } from "solid-js";

const WIDTH = 120;
const HEIGHT = 32;
/** Keeps the line's width inside of the picture. */
const MARGIN = 2;

export interface SparklineProps {
  readonly values: readonly (number | null)[];
  /** The value at the top; the greatest one when absent. */
  readonly most?: number;
}

export function Sparkline(props: SparklineProps) {
  const path = createMemo(() => pathOf(props.values, props.most));
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <Show when={path() !== ""}>
        <path d={path()} vector-effect="non-scaling-stroke" />
      </Show>
    </svg>
  );
}

/** A null leaves a hole; fewer than two values make no line. */
function pathOf(values: readonly (number | null)[], top: number | undefined): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const most = top ?? Math.max(...known);
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, values.length - 1);
  const height = HEIGHT - 2 * MARGIN;
  let pen = "M";
  return values
    .map((value, index) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const y = HEIGHT - MARGIN - (most === 0 ? 0 : (value / most) * height);
      const point = `${pen}${(MARGIN + index * step).toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
      return point;
    })
    .join("");
}
