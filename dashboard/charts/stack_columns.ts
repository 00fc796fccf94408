/**
 * The layers of a stack one above the other: the first is at the top, as in their list. Where they
 * don't add up, each is a line of its own. Pure.
 */
import type { Stack } from "../questions/stack.ts";

type Column = (number | null)[];

/** Columns for uPlot: the times, s, and of each layer its sum with all layers below, or itself. */
export function columnsOf({ window, layers, isSum }: Stack): [number[], ...Column[]] {
  const { starts, toMs } = window;
  if (!isSum) {
    // A point of a line stands for a whole bucket: it lies in its middle.
    const middle = (ms: number, index: number): number => (ms + (starts[index + 1] ?? toMs)) / 2000;
    return [starts.map(middle), ...layers.map(({ values }) => [...values])];
  }
  const sums: Column = starts.map(() => null);
  const stacked = layers.toReversed().map(({ values }) =>
    values.map((value, index) => {
      const below = sums[index] ?? null;
      return (sums[index] = value === null && below === null ? null : (below ?? 0) + (value ?? 0));
    }),
  );
  // The highest first: the next ones are painted over it.
  return [starts.map((ms) => ms / 1000), ...stacked.toReversed()];
}

/** The layer of a bar at a height, or the line next to it; null is that of all other types. */
export function layerAt({ layers, isSum }: Stack, index: number, height: number): string | null {
  if (!isSum) {
    const distance = (value: number | null | undefined): number =>
      value === null || value === undefined ? Infinity : Math.abs(value - height);
    const nearest = layers.toSorted(
      (a, b) => distance(a.values[index]) - distance(b.values[index]),
    )[0];
    return distance(nearest?.values[index]) === Infinity ? null : (nearest?.name ?? null);
  }
  let sum = 0;
  for (const { name, values } of layers.toReversed()) {
    sum += values[index] ?? 0;
    if (height <= sum) return name;
  }
  return null;
}
