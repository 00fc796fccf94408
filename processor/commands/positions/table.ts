/** What `positions show` prints: a table a log. Pure. */
import { stateOf } from "./explain.ts";
import type { PositionFacts } from "./facts.ts";

const HEAD = [
  "sink",
  "partition",
  "position",
  "planned to",
  "log start",
  "high watermark",
  "lag",
  "last received",
  "state",
] as const;
/** Columns of words; the others are numbers. */
const WORDS: ReadonlySet<number> = new Set([0, 7, 8]);

/** The tables, or that there is nothing to show. */
export function showTable(facts: readonly PositionFacts[]): string {
  if (facts.length === 0) return "There are no positions yet: no processor has written anything.\n";
  const logs = Map.groupBy(facts, ({ logNumber }) => logNumber);
  const tables = [...logs.values()].map((rows) => {
    const [first] = rows;
    return `${first === undefined ? "" : logTitle(first)}\n\n${tableOf(rows)}`;
  });
  const isAnswered = facts.every(({ isCurrent }) => isCurrent !== null);
  const away = isAnswered ? "" : "\nKafka does not answer: what depends on it is shown as -.\n";
  return `${tables.join("\n")}${away}`;
}

/** What a log is called. */
export function logTitle({ logNumber, topic, isCurrent }: PositionFacts): string {
  const which =
    isCurrent === null ? "" : isCurrent ? " (the current topic)" : " (not the current topic)";
  return `Log ${logNumber}, topic "${topic}"${which}`;
}

function tableOf(rows: readonly PositionFacts[]): string {
  const cells = [[...HEAD], ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return WORDS.has(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
  return `${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

function cellsOf(facts: PositionFacts): string[] {
  const { watermarks, nextOffset } = facts;
  const lag = watermarks === null ? null : watermarks.high - nextOffset;
  return [
    facts.sink,
    String(facts.partition),
    String(nextOffset),
    String(facts.plannedTo),
    String(watermarks?.low ?? "-"),
    String(watermarks?.high ?? "-"),
    lag === null ? "-" : String(lag < 0n ? 0n : lag),
    facts.lastReceivedAt ?? "-",
    stateOf(facts),
  ];
}
