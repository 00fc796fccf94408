/** Tables of the generated documents, as Markdown. Pure. */

/**
 * Makes a table; `bun fmt` pads its columns.
 *
 * @param align Of all columns but the first, which is left-aligned: "right" for numbers.
 */
export function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  align: "left" | "right" = "left",
): string {
  const rule = columns.map((_, index) => (index > 0 && align === "right" ? "---:" : "---"));
  return [lineOf(columns), lineOf(rule), ...rows.map(lineOf)].join("\n");
}

/** A bar within a cell would end it. */
function lineOf(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}
