/** The path of a small line in its picture. Pure. */

export const SPARK_WIDTH = 120;
export const SPARK_HEIGHT = 32;
/** Keeps the line's width inside of the picture. */
const MARGIN = 2;

/**
 * A null leaves a hole; fewer than two values make no line.
 *
 * @param top The value at the top of an axis: the line then uses the whole picture, as the axis
 * does. Without it the greatest value is at the top, inside of a margin.
 */
export function sparkPath(values: readonly (number | null)[], top?: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const margin = top === undefined ? MARGIN : 0;
  const most = top ?? Math.max(...known);
  const step = (SPARK_WIDTH - 2 * margin) / Math.max(1, values.length - 1);
  const height = SPARK_HEIGHT - 2 * margin;
  let pen = "M";
  return values
    .map((value, index) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const y = SPARK_HEIGHT - margin - (most === 0 ? 0 : (value / most) * height);
      const point = `${pen}${(margin + index * step).toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
      return point;
    })
    .join("");
}
