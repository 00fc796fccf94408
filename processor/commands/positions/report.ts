/** The text that `positions explain` prints. Pure. */
import { wrapText } from "@tally/shared/terminal/wrap";
import { explain, stateOf, type Explanation } from "./explain.ts";
import type { PositionFacts } from "./facts.ts";
import { logTitle } from "./table.ts";

/** Explains each unusual state, and counts the positions that simply run. */
export function explainPositions(facts: readonly PositionFacts[]): string {
  const parts: string[] = [];
  let normal = 0;
  for (const each of facts) {
    const explanations = explain(each);
    if (explanations.length === 0) normal += 1;
    else parts.push(`${title(each)}\n${explanations.map(paragraphs).join("")}`);
  }
  const rest = `${normal} of ${facts.length} positions run normally.\n`;
  const isAnswered = facts.every(({ isCurrent }) => isCurrent !== null);
  const away = isAnswered
    ? ""
    : "Kafka does not answer: this report lacks what depends on the logs.\n";
  return [...parts, `${rest}${away}`].join("\n");
}

function title(facts: PositionFacts): string {
  return `${logTitle(facts)}, ${facts.sink}, partition ${facts.partition}: ${stateOf(facts)}`;
}

function paragraphs({ means, can }: Explanation): string {
  const ways = can.map((way) => wrapText(way, { first: "  - " }));
  return [wrapText(means, { first: "  " }), ...ways].join("");
}
