/**
 * Judges a typed event with the code that ingest judges with (shared/event.ts), by ingest's default
 * limits. Ingest has the last word: its options may differ. Pure.
 */
import { ERRORS } from "@tally/shared/error";
import { FIXED_EVENT_LIMITS, isRejection, parseEvent } from "@tally/shared/event";
import type { TestEvent } from "../../test_event/send_event.ts";

/** What ingest would say. */
export type Judgement =
  | { readonly kind: "good"; readonly isTimeReplaced: boolean; readonly bytes: number }
  | {
      readonly kind: "bad";
      /** Why, and in which field. */
      readonly words: string;
      readonly pointer: string;
      readonly code: string;
    };

/** The size is counted here: the judge's own way needs a type that browsers lack. */
const LIMITS = { ...FIXED_EVENT_LIMITS, tsOutside: "replace", eventBytesMax: Infinity } as const;

export function judge(event: TestEvent, nowMs: number): Judgement {
  const context = { limits: LIMITS, receivedAtMs: nowMs, newEventId: () => MADE_ID };
  const verdict = parseEvent(event, context, false);
  if (isRejection(verdict)) {
    const missing = missingField(event, verdict.pointer);
    return missing ?? bad(verdict.code, verdict.pointer);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(event)).length;
  const stored = new TextEncoder().encode(verdict.payload).length + FIELDS_BYTES;
  if (stored > FIXED_EVENT_LIMITS.eventBytesMax) return bad("event_too_large", "");
  return { kind: "good", isTimeReplaced: verdict.tsReplaced === true, bytes };
}

/** As long as an id that ingest makes. */
const MADE_ID = "00000000-0000-7000-8000-000000000000";
/** About what ids, type and times take beside the payload. */
const FIELDS_BYTES = 400;

/** A field of the form that is empty: it has no wrong characters, it is not there. */
function missingField(event: TestEvent, pointer: string): Judgement | null {
  const empty = FIELDS.find((field) => pointer === `/${field.name}` && event[field.name] === "");
  return empty === undefined ? null : { ...bad("field_invalid", pointer), words: empty.words };
}

const FIELDS = [
  { name: "sessionId", words: "Session is missing" },
  { name: "eventType", words: "Event type is missing" },
] as const;

function bad(code: keyof typeof ERRORS, pointer: string): Extract<Judgement, { kind: "bad" }> {
  const where = pointer === "" ? "" : ` (${pointer})`;
  return { kind: "bad", words: `${ERRORS[code].title}${where}`, pointer, code };
}

/** A judgement in one sentence or two. @param size What is said of its size, after a comma. */
export function describeJudgement(verdict: Judgement, size = ""): string {
  if (verdict.kind === "bad") return `Ingest would reject this event: ${verdict.words}.`;
  const time = verdict.isTimeReplaced
    ? " Its time is outside of the window, so the receive time takes its place."
    : "";
  return `Ingest takes this event${size}.${time}`;
}
