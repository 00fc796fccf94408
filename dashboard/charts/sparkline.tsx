/** A small line without axes; beside it, a figure says the same in words, or a chart has axes. */
import { createMemo, Show } from "solid-js";
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPath } from "./spark_path.ts";

export interface SparklineProps {
  readonly values: readonly (number | null)[];
  /** The value at the top of an axis; the greatest one, without an axis, when absent. */
  readonly most?: number;
}

export function Sparkline(props: SparklineProps) {
  const path = createMemo(() => sparkPath(props.values, props.most));
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <Show when={path() !== ""}>
        <path d={path()} vector-effect="non-scaling-stroke" />
      </Show>
    </svg>
  );
}
