/**
 * The messages of a body as events that are not judged yet. Which of them has a number that no
 * double holds is found in the text: the parsed value no longer shows it.
 */
import {
  arrayElements,
  hasBadNumber,
  hasSuspiciousNumber,
  memberText,
  quoteBadNumbers,
  type RawEvent,
} from "@tally/shared";
import type { JsonText } from "../form/json_body.ts";
import { translate, type JsonObject } from "./translate.ts";

/** The value of a body and its text. */
export interface BodyText extends JsonText {
  readonly value: JsonObject;
}

/** One message. */
export interface Message {
  readonly raw: RawEvent;
  readonly hasBadNumber: boolean;
  /** The event with such numbers as texts: as it can be kept without a change of its numbers. */
  readonly quoted: () => RawEvent;
}

/** The message of a body that is one. @param type The type that its path names. */
export function readMessage({ text, value }: BodyText, type: string): Message {
  return {
    raw: translate(value, { type }),
    hasBadNumber: hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length),
    quoted: () => translate(parseQuoted(text), { type }),
  };
}

/** The messages of a batch. */
export function readMessages({ text, value }: BodyText, batch: readonly unknown[]): Message[] {
  const { context: batchContext } = value;
  const options = { type: null, batchContext };
  if (!hasSuspiciousNumber(text)) {
    return batch.map((message) => {
      const raw = translate(message, options);
      return { raw, hasBadNumber: false, quoted: () => raw };
    });
  }
  const context = memberText(text, "context") ?? "null";
  // The context of the batch becomes a part of every message.
  const isContextBad = hasBadNumber(context, 0, context.length);
  const list = memberText(text, "batch") ?? "[]";
  const spans = arrayElements(list);
  return batch.map((message, index) => {
    const { start, end } = spans[index] ?? { start: 0, end: 0 };
    const quotedOptions = () =>
      isContextBad ? { type: null, batchContext: parseQuoted(context) } : options;
    return {
      raw: translate(message, options),
      hasBadNumber: isContextBad || hasBadNumber(list, start, end),
      quoted: () => translate(parseQuoted(list.slice(start, end)), quotedOptions()),
    };
  });
}

function parseQuoted(text: string): unknown {
  return JSON.parse(quoteBadNumbers(text));
}
