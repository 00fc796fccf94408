/**
 * Texts of senders as they are shown: signs that would change the text around them, or that nobody
 * sees, are written as escapes. Pure.
 */

import { type Scalar, writeScalar } from "../address/filter.ts";

/** Controls, signs that turn the direction of a text, and others that have no form of their own. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** They join or part letters and emoji, and hide nothing. */
const JOINERS = "\u200c\u200d";

/** A text on one line, with every hidden sign as `\u202e`. */
export function showText(text: string): string {
  return text.replace(HIDDEN, escapeSign);
}

/** A value of a property; nothing is shown as nothing. */
export function showScalar(value: Scalar): string {
  if (value === null) return "(none)";
  return value === "" ? "(empty)" : showText(writeScalar(value));
}

/** A text on its own lines: tabs and line ends stay. */
export function showLines(text: string): string {
  return text.replace(HIDDEN, (sign) => (/[\t\n]/.test(sign) ? sign : escapeSign(sign)));
}

function escapeSign(sign: string): string {
  if (JOINERS.includes(sign)) return sign;
  const code = (sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
  return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
}

/** Most characters of a value in a cell; the row itself shows all. // chosen */
const CELL_LENGTH_MAX = 120;

/** A JSON value in a cell: texts without quotes, anything else as JSON. */
export function showValue(value: unknown): string {
  if (value === undefined) return "";
  return showText(shorten(typeof value === "string" ? value : (JSON.stringify(value) ?? "")));
}

function shorten(text: string): string {
  return text.length <= CELL_LENGTH_MAX ? text : `${text.slice(0, CELL_LENGTH_MAX).trimEnd()}…`;
}

/** A payload as people read it. */
export function showJson(value: unknown): string {
  return showLines(JSON.stringify(value, null, 2) ?? "");
}
