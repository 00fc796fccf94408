/** What `positions explain` prints. Pure. */
import { explain, stateOf, type Explanation } from "./explain.ts";
import type { PositionFacts } from "./facts.ts";
import { logTitle } from "./table.ts";

/** The states that need words, and how many need none. */
export function explainPositions(facts: readonly PositionFacts[]): string {
  const parts: string[] = [];
  let plain = 0;
  for (const each of facts) {
    const said = explain(each);
    if (said.length === 0) plain += 1;
    else parts.push(`${title(each)}\n${said.map(paragraphs).join("")}`);
  }
  const rest = `${plain} of ${facts.length} positions run with nothing to be said.\n`;
  const isAnswered = facts.every(({ isCurrent }) => isCurrent !== null);
  const away = isAnswered ? "" : "Kafka does not answer: what it says of the logs is missing.\n";
  return [...parts, `${rest}${away}`].join("\n");
}

function title(facts: PositionFacts): string {
  return `${logTitle(facts)}, ${facts.sink}, partition ${facts.partition}: ${stateOf(facts)}`;
}

function paragraphs({ means, can }: Explanation): string {
  const ways = can.map((way) => indented(way, "  - ", "    "));
  return [indented(means, "  ", "  "), ...ways].join("");
}

const WIDTH = 100;

/** Words in lines of at most `WIDTH`; a longer word has a line of its own. */
function indented(text: string, first: string, next: string): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(" ")) {
    const isFull = line.length + word.length > WIDTH && line.trim() !== "" && line !== first;
    if (isFull) {
      lines.push(line.trimEnd());
      line = next;
    }
    line += `${word} `;
  }
  return `${[...lines, line.trimEnd()].join("\n")}\n`;
}
