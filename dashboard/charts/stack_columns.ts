/** The layers of a stack one above the other: the first is at the top, as in their list. Pure. */
import type { Stack } from "../questions/stack.ts";

/** Columns for uPlot: the bars' starts, s, and of each layer its sum with all layers below. */
export function columnsOf({ window, layers }: Stack): [number[], ...number[][]] {
  const sums = window.starts.map(() => 0);
  const stacked = layers
    .toReversed()
    .map(({ values }) => values.map((value, index) => (sums[index] = (sums[index] ?? 0) + value)));
  // The highest first: the next ones are painted over it.
  return [window.starts.map((ms) => ms / 1000), ...stacked.toReversed()];
}

/** The layer of a bar at a height; null is that of all other types, or none. */
export function layerAt({ layers }: Stack, index: number, height: number): string | null {
  let sum = 0;
  for (const { name, values } of layers.toReversed()) {
    sum += values[index] ?? 0;
    if (height <= sum) return name;
  }
  return null;
}
