/** What the outcome of a request means for each of its events. Pure. */
import type { RequestOutcome } from "./drive.ts";
import type { EventOutcome, NumberRange, OutcomeLog } from "./ledger.ts";

/** What the outcome of a request means for its events. */
export type Verdict =
  /** All are accepted but those with these places in the request. */
  | { readonly kind: "accepted"; readonly rejected: ReadonlySet<number> }
  | { readonly kind: "rejected" }
  | { readonly kind: "unknown" };

const NONE: ReadonlySet<number> = new Set();

/** Judges a request of `count` events; null when it never left. */
export function verdictOf(outcome: RequestOutcome, count: number): Verdict | null {
  if (outcome.kind === "unsent") return null;
  if (outcome.kind === "broken") return { kind: "unknown" };
  const { status, body } = outcome.answer;
  if (status !== 202) return { kind: status < 500 ? "rejected" : "unknown" };
  // The answer to a single event has no list.
  if (count === 1) return { kind: "accepted", rejected: NONE };
  const { rejected } = JSON.parse(body) as { rejected: readonly { index: number }[] };
  return {
    kind: "accepted",
    rejected: rejected.length === 0 ? NONE : new Set(rejected.map(({ index }) => index)),
  };
}

/** The outcome of the event at one place of the request. */
export function outcomeAt(verdict: Verdict, index: number): EventOutcome {
  return verdict.kind === "accepted" && verdict.rejected.has(index) ? "rejected" : verdict.kind;
}

/** Notes the outcomes of events that begin the request, as few ranges as possible. */
export function noteOutcomes(log: OutcomeLog, verdict: Verdict, events: NumberRange): void {
  const { first, count } = events;
  if (verdict.kind !== "accepted" || verdict.rejected.size === 0) {
    log.note(verdict.kind, events);
    return;
  }
  let from = 0;
  for (let index = 1; index <= count; index += 1) {
    const outcome = outcomeAt(verdict, from);
    if (index < count && outcomeAt(verdict, index) === outcome) continue;
    log.note(outcome, { first: first + from, count: index - from });
    from = index;
  }
}
