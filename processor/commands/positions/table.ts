/** The tables that `positions show` prints, one per log. Pure. */
import { tableText } from "@tally/shared/terminal/table";
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
/** Indexes of the columns that hold numbers. */
const NUMBERS = [1, 2, 3, 4, 5, 6];

const PLANNED_NOTE = `
position is the next offset to write; planned to is where the archive objects end that are planned
and not stored yet. Without one of those, and for rows, it is the position.
`;

/** The tables, or a sentence when there is no position. */
export function showTable(facts: readonly PositionFacts[]): string {
  if (facts.length === 0) return "There are no positions yet: no processor has written anything.\n";
  const logs = Map.groupBy(facts, ({ logNumber }) => logNumber);
  const tables = [...logs.values()].map((rows) => {
    const [first] = rows;
    return `${first === undefined ? "" : logTitle(first)}\n\n${tableOf(rows)}`;
  });
  const isAnswered = facts.every(({ isCurrent }) => isCurrent !== null);
  const away = isAnswered ? "" : "\nKafka does not answer: columns that depend on it show -.\n";
  return `${tables.join("\n")}${PLANNED_NOTE}${away}`;
}

/** The name of a log. */
export function logTitle({ logNumber, topic, isCurrent }: PositionFacts): string {
  const which =
    isCurrent === null ? "" : isCurrent ? " (the current topic)" : " (not the current topic)";
  return `Log ${logNumber}, topic "${topic}"${which}`;
}

function tableOf(rows: readonly PositionFacts[]): string {
  return tableText(rows.map(cellsOf), { head: HEAD, right: NUMBERS, indent: 2 });
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
