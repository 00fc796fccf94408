/** What a code says about a dead letter, what to do about it, and what helps most. Pure. */
import type { DeadLetterDetail } from "@tally/shared/dead_letters";
import { REJECTED_HEADERS } from "@tally/shared/record_headers";

/** What an operator knows from a code, and what to do about it. */
export interface Advice {
  readonly meaning: string;
  readonly action: string;
  /** The way that can make a row of it. */
  readonly best: "resend" | "edit";
}

/** The advice for all letters of a code. A code of a newer processor is a broken rule, too. */
export function adviceOf(code: string): Advice {
  return ADVICE.get(code) ?? BROKEN_RULE;
}

/** The advice for one letter: its headers say who found the fault, and whether it is whole. */
export function adviceOfLetter({
  code,
  headers,
}: Pick<DeadLetterDetail, "code" | "headers">): Advice {
  const has = (name: string): boolean => headers.some(({ key }) => key === name);
  if (has(REJECTED_HEADERS.bytes)) return CUT;
  // Ingest has limits that can be changed; those for records of others cannot.
  const isFixed = LIMIT_CODES.includes(code) && !has(REJECTED_HEADERS.code);
  return isFixed ? FIXED_LIMIT : adviceOf(code);
}

const BROKEN_RULE: Advice = {
  meaning: "It breaks a rule of events: another producer or an SDK of Segment sent it.",
  action: "Mend its sender. Send the letter edited; as it is, it would fail again.",
  best: "edit",
};

const LIMIT_CODES: readonly string[] = ["event_too_large", "event_too_deep", "event_too_complex"];

const LIMIT: Advice = {
  meaning: "It is above a limit of events.",
  action:
    "Send it again as it is when ingest rejected it by a limit that was set lower " +
    "(INGEST_EVENT_*). Above the highest limit that can be set it needs an edit.",
  best: "resend",
};

const FIXED_LIMIT: Advice = {
  meaning: "It is above the highest limit that events can have.",
  action: BROKEN_RULE.action,
  best: "edit",
};

const CUT: Advice = {
  meaning: "It was too large to be kept: the letter has only its beginning.",
  action: "Mend its sender. Send the letter edited; as it is, it would fail again.",
  best: "edit",
};

const ADVICE: ReadonlyMap<string, Advice> = new Map([
  ...LIMIT_CODES.map((code): [string, Advice] => [code, LIMIT]),
  [
    "timestamp_out_of_range",
    {
      meaning: "Its time was outside of the window that ingest takes.",
      action: "Send it again as it is when its time is right: a resend knows no window.",
      best: "resend",
    },
  ],
  [
    "event_type_not_allowed",
    {
      meaning: "The key that sent it may not send events of this type.",
      action: "Send it again as it is when you want the event: a resend asks for no key.",
      best: "resend",
    },
  ],
  [
    "record_corrupt",
    {
      meaning: "The record is empty, not UTF-8 or not JSON.",
      action: "Mend the producer that wrote it. Sending it as it is helps only after an upgrade.",
      best: "edit",
    },
  ],
  [
    "id_conflict",
    {
      meaning: "An event with the same id but other content is a row already.",
      action: "Find the client that reuses ids. Send it edited, which gives it an id of its own.",
      best: "edit",
    },
  ],
  [
    "database_rejected",
    {
      meaning: "PostgreSQL refused this one row.",
      action: "Send it again when the reason is gone.",
      best: "resend",
    },
  ],
]);
