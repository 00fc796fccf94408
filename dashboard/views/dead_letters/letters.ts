/** The words for the states of dead letters, and what to do about each code. Pure. */
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

/** What an operator knows from a code, and what to do about it. */
export interface Advice {
  readonly meaning: string;
  readonly action: string;
}

const BROKEN_RULE = "It breaks a rule of events: another producer or an SDK of Segment sent it.";
const EDIT = "Mend its sender. Send the letter edited; as it is, it would fail again.";

const ADVICE: ReadonlyMap<string, Advice> = new Map([
  [
    "record_corrupt",
    {
      meaning: "The record is empty, not UTF-8 or not JSON.",
      action: "Mend the producer that wrote it. Sending it as it is helps only after an upgrade.",
    },
  ],
  [
    "id_conflict",
    {
      meaning: "An event with the same id but other content is a row already.",
      action: "Find the client that reuses ids. Send it edited, which gives it an id of its own.",
    },
  ],
  [
    "database_rejected",
    {
      meaning: "PostgreSQL refused this one row.",
      action: "Send it again when the reason is gone.",
    },
  ],
]);

export function adviceOf(code: string): Advice {
  return ADVICE.get(code) ?? { meaning: BROKEN_RULE, action: EDIT };
}

/** Whether a letter can be sent as it is, or why not. */
export function whyNotResend(letter: DeadLetterSummary): string | null {
  if (letter.state === "superseded") {
    return `Dead letter ${letter.supersededBy ?? ""} has replaced it: send that one.`;
  }
  if (letter.clearedAt !== null) return "It was resolved long ago and its bytes were cleared.";
  if (letter.state === "resent") return "A copy of it is on its way.";
  return null;
}
