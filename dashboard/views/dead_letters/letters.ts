/** The words for the states and the counts of dead letters. Pure. */
import {
  COUNTED_MAX,
  type DeadLetterCode,
  type DeadLetterState,
  type DeadLetterSummary,
  type Resend,
} from "@tally/shared/dead_letters";
import { formatCount } from "../../panels/format.ts";
import { doneWords } from "../parts/letter_counts.ts";

export function isCountedWhole({ unresolved }: DeadLetterCode): boolean {
  return unresolved < COUNTED_MAX;
}

/** Letters that a resend of all sends: neither resolved nor on their way. */
export function openOf({ unresolved, onTheirWay = 0 }: DeadLetterCode): number {
  return Math.max(0, unresolved - onTheirWay);
}

/** The open letters of a reason, and the others apart. */
export function countsOf(reason: DeadLetterCode): {
  readonly open: string;
  readonly others: string;
} {
  const { count, unresolved, onTheirWay = 0 } = reason;
  const isWhole = isCountedWhole(reason);
  const others = [
    ...(onTheirWay > 0 ? [`${formatCount(onTheirWay)} on their way`] : []),
    isWhole ? doneWords(count - unresolved) : `${formatCount(count)} in all`,
  ];
  const open = formatCount(openOf(reason));
  return { open: isWhole ? open : `${open} or more`, others: others.join(", ") };
}

/** Why a letter has no resend to show. */
export function emptyWords({ state, clearedAt }: DeadLetterSummary): string {
  if (clearedAt !== null) return "What became of its resends was cleared with its bytes.";
  if (state === "open") return "It was not sent again.";
  return `No resend is recorded here, and it is ${STATE_WORDS[state]}.`;
}

export const STATE_WORDS: { readonly [state in DeadLetterState]: string } = {
  open: "open",
  resent: "sent again, on its way",
  superseded: "replaced by a newer dead letter",
  resolved: "resolved: its event is a row",
};

export const OUTCOME_WORDS: { readonly [outcome in Resend["outcome"]]: string } = {
  waiting: "on its way: the rows have not reached it yet",
  stored: "its event is a row",
  dead: "it became a dead letter again",
  lost: "the log deleted it before it was read: send it again",
};

/** Whether a letter can be sent as it is, or why not. */
export function whyNotResend(letter: DeadLetterSummary): string | null {
  if (letter.state === "superseded") {
    return `Dead letter ${letter.supersededBy ?? ""} has replaced it: send that one.`;
  }
  if (letter.clearedAt !== null) return "It was resolved long ago and its bytes were cleared.";
  if (letter.state === "resolved") return "Nothing is left to do: its event is a row.";
  if (letter.state === "resent") return "A copy of it is on its way.";
  return null;
}
