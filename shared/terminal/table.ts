/** Tables for a terminal: columns as wide as their content, without lines around them. Pure. */
import CliTable from "cli-table3";

/** How a table looks. */
export interface TableOptions {
  /** Names of the columns; none when left out. */
  readonly head?: readonly string[];
  /** Indexes of the columns that hold numbers: they are aligned to the right. */
  readonly right?: readonly number[];
  /** Spaces before each line. */
  readonly indent?: number;
  /** Whether a line of dashes separates the head from the rows. */
  readonly isRuled?: boolean;
}

const LINES = ["top", "bottom", "left", "mid", "right"] as const;
const BORDERLESS = Object.fromEntries(
  LINES.flatMap((name) => ["", "-mid", "-left", "-right"].map((part) => [`${name}${part}`, ""])),
);

/** The table as text; each line ends in a line feed and never in spaces. */
export function tableText(
  rows: readonly (readonly string[])[],
  { head = [], right = [], indent = 0, isRuled = false }: TableOptions = {},
): string {
  const width = Math.max(head.length, ...rows.map((row) => row.length));
  const table = new CliTable({
    chars: { ...BORDERLESS, middle: "  ", left: " ".repeat(indent) },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colAligns: Array.from({ length: width }, (_, index) =>
      right.includes(index) ? "right" : "left",
    ),
  });
  const all = [...(head.length === 0 ? [] : [head]), ...rows];
  const rule = isRuled ? [Array.from({ length: width }, (_, index) => ruleOf(all, index))] : [];
  table.push(...[...all.slice(0, 1), ...rule, ...all.slice(1)].map((row) => [...row]));
  const lines = table.toString().split("\n");
  return rows.length === 0 && head.length === 0 ? "" : `${lines.map(withoutEnd).join("\n")}\n`;
}

function ruleOf(rows: readonly (readonly string[])[], column: number): string {
  return "-".repeat(Math.max(...rows.map((row) => Bun.stringWidth(row[column] ?? ""))));
}

function withoutEnd(line: string): string {
  return line.trimEnd();
}
