/** The event that a dead letter is edited into begins with what can be read of its record. Pure. */
import { ORIGIN_FORM, RESENT_HEADERS } from "@tally/shared/record_headers";
import type { TestEvent } from "../../test_event/send_event.ts";
import type { DeadLetterDetail } from "@tally/shared/dead_letters";

/** What the form begins with: the parts of the record that can be read. */
export function draftOf(
  letter: Pick<DeadLetterDetail, "value" | "key" | "recordTimestampMs" | "headers">,
): TestEvent {
  const fields = fieldsOf(letter.value?.text ?? "");
  const text = (name: string, fallback: string): string => {
    const field = fields[name];
    return typeof field === "string" ? field : fallback;
  };
  const { payload } = fields;
  const ts = timeOf(fields["ts"]) ?? timeOfRecord(letter);
  return {
    // A field that was missing is for the operator to fill in: the key need not be a session.
    sessionId: text("sessionId", fields === NONE ? (letter.key?.text ?? "") : ""),
    eventType: text("eventType", ""),
    payload: typeof payload === "string" ? payload : JSON.stringify(payload ?? {}, null, 2),
    ...(ts === "" ? {} : { ts }),
  };
}

/** The time that the event says, also as a number, and as it is when nobody can read it. */
function timeOf(ts: unknown): string | null {
  if (typeof ts === "string") return ts;
  if (typeof ts !== "number") return null;
  const at = new Date(ts);
  return Number.isNaN(at.getTime()) ? String(ts) : at.toISOString();
}

/** An event that says no time of its own happened before its record: it is not of now. */
function timeOfRecord(letter: Pick<DeadLetterDetail, "recordTimestampMs" | "headers">): string {
  const at = new Date(Number(originMsOf(letter) ?? letter.recordTimestampMs));
  // Negative: the record has none.
  return at.getTime() >= 0 ? at.toISOString() : "";
}

/** The time of the first record, which a copy that was sent again names; null of any other. */
function originMsOf({ headers }: Pick<DeadLetterDetail, "headers">): string | null {
  const origin = headers.findLast(({ key }) => key === RESENT_HEADERS.origin)?.value?.text;
  return ORIGIN_FORM.exec(origin ?? "")?.[4] ?? null;
}

const NONE: Fields = {};

type Fields = { readonly [name: string]: unknown };

function fieldsOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : NONE;
  } catch {
    // No JSON: the form begins empty.
    return NONE;
  }
}
