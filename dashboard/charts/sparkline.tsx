/** A small line without axes beside a figure that says the same in words. */
import { createMemo, Show } from "solid-js";

const WIDTH = 120;
const HEIGHT = 32;
/** Keeps the line's width inside of the picture. */
const MARGIN = 2;

export function Sparkline(props: { readonly values: readonly (number | null)[] }) {
  const path = createMemo(() => pathOf(props.values));
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
function pathOf(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const most = Math.max(...known);
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
