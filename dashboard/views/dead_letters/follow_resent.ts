/** What became of letters that were sent again, counted from the list of their reason. */
import type { DeadLettersPage, DeadLetterSummary } from "@tally/shared/dead_letters";
import { formatCount } from "../../panels/format.ts";
import type { Asker } from "../../questions/ask.ts";

/** The letters that were sent, by what became of them. */
export interface Followed {
  /** Their events are rows. */
  readonly rows: number;
  /** The dead letters that copies became, in their order. */
  readonly again: readonly string[];
  /** The log deleted their copy before it was read: they are open. */
  readonly lost: number;
  readonly onTheirWay: number;
}

/** The longest page that the processor gives. */
const PAGE_LETTERS = 1000;
/** Pages that are read for one look. // chosen */
const PAGES_MAX = 5;

/** Null when the processor gives no answer. */
export async function followResent(
  asker: Asker,
  { code, ids, signal }: { code: string; ids: readonly string[]; signal: AbortSignal },
): Promise<Followed | null> {
  const wanted = new Set(ids);
  const found: DeadLetterSummary[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX && found.length < wanted.size; page++) {
    const asked = new URLSearchParams({ code, limit: String(PAGE_LETTERS) });
    if (after !== null) asked.set("after", after);
    const path = `dead-letters?${asked.toString()}`;
    const outcome = await asker.ask<DeadLettersPage>({ path }, signal);
    if (outcome.kind !== "answered") return null;
    found.push(...outcome.answer.deadLetters.filter(({ id }) => wanted.has(id)));
    after = outcome.answer.next;
    if (after === null) break;
  }
  return countFollowed(found);
}

function countFollowed(letters: readonly DeadLetterSummary[]): Followed {
  const count = (wanted: DeadLetterSummary["state"]): number =>
    letters.filter(({ state }) => state === wanted).length;
  return {
    rows: count("resolved"),
    again: letters.flatMap(({ supersededBy }) => supersededBy ?? []).toSorted(byNumber),
    lost: count("open"),
    onTheirWay: count("resent"),
  };
}

function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

/** Letters that are named. // chosen */
const NAMED_MAX = 10;

/** What became of them, in a sentence. @param resent Letters sent, also those not followed. */
export function endWords({ rows, again, lost, onTheirWay }: Followed, resent: number): string {
  const total = rows + again.length + lost + onTheirWay;
  if (total === 0) return "";
  const of = total < resent ? `Of ${formatCount(total)} of them: ` : "";
  if (rows === resent) return rows === 1 ? "It is resolved." : "All are resolved.";
  const are = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? "is" : "are"} ${what}`];
  const parts = [
    ...are(rows, "resolved"),
    ...(again.length > 0 ? [againWords(again)] : []),
    ...are(lost, "open: the log deleted the copy before it was read"),
    ...are(onTheirWay, "on the way"),
  ];
  return `${of}${parts.join("; ")}.`;
}

function againWords(again: readonly string[]): string {
  const named = again.slice(0, NAMED_MAX).join(", ");
  const more = again.length > NAMED_MAX ? ` and ${formatCount(again.length - NAMED_MAX)} more` : "";
  const became = again.length === 1 ? "became a dead letter" : "became dead letters";
  return `${formatCount(again.length)} ${became} again: ${named}${more}`;
}
