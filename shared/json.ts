/**
 * JSON as Tally accepts it: finds what `JSON.parse` accepts but PostgreSQL or a
 * double cannot keep. A value that passes here cannot fail in a later step.
 */
import type { ErrorCode } from "./error.ts";

/** Bounds of one JSON value. */
export interface JsonLimits {
  /** Levels of nesting; a scalar has 0, `[]` has 1. */
  readonly nestingMax: number;
  /** Number of values: containers, strings, numbers and literals, without keys. */
  readonly valuesMax: number;
}

/**
 * The value of a JSON text, or undefined when the text is not JSON: no JSON text gives undefined.
 * A text that is not JSON is the fault of its writer, and the caller decides what that means.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// A number that a double can't keep has an exponent or at least 16 digits in a row or around its
// point. A match is only a suspicion (strings match, too): ordinary text is read once.
const SUSPICIOUS_NUMBER = /(?:^|[:,[\s])-?(?:[\d.]{16}|[\d.]+[eE])/;

/** Whether `hasBadNumber` could find something in the text; never false by mistake. */
export function hasSuspiciousNumber(text: string): boolean {
  return SUSPICIOUS_NUMBER.test(text);
}

/**
 * Whether valid JSON text between two indices holds a number that would be
 * changed: an integer that is no double, or one that becomes infinite or zero.
 */
export function hasBadNumber(text: string, start: number, end: number): boolean {
  return findBadNumber(text, start, end) !== null;
}

/** The JSON text with every number that `hasBadNumber` finds as a string of its digits. */
export function quoteBadNumbers(text: string): string {
  let quoted = "";
  let copiedTo = 0;
  for (;;) {
    const found = findBadNumber(text, copiedTo, text.length);
    if (found === null) return quoted + text.slice(copiedTo);
    quoted += `${text.slice(copiedTo, found.start)}"${text.slice(found.start, found.end)}"`;
    copiedTo = found.end;
  }
}

/** The first such number; null when there is none. No string is open at the start. */
function findBadNumber(text: string, start: number, end: number): Span | null {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 34 /* " */) {
      at = stringEnd(text, at);
    } else if (code === 45 /* - */ || (code >= 48 && code <= 57)) {
      const first = at;
      while (at + 1 < end && isNumberCode(text.charCodeAt(at + 1))) at++;
      if (!isExactNumber(text.slice(first, at + 1))) return { start: first, end: at + 1 };
    }
  }
  return null;
}

/** A part of a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** Start and end of each element of a JSON array, in order; the text is valid JSON. */
export function arrayElements(text: string): Span[] {
  const elements: Span[] = [];
  let depth = 0;
  let start = text.indexOf("[") + 1;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34 /* " */) at = stringEnd(text, at);
    else if (code === 91 /* [ */ || code === 123 /* { */) depth++;
    else if (depth === 0 && (code === 44 /* , */ || code === 93) /* ] */) {
      elements.push({ start, end: at });
      start = at + 1;
    } else if (code === 93 || code === 125 /* } */) depth--;
  }
  return elements;
}

/**
 * The text of a member of a JSON object, or null when it has no such member. Of two with one name
 * it is the last, as in `JSON.parse`. The text is valid JSON.
 */
export function memberText(text: string, name: string): string | null {
  let found: string | null = null;
  let depth = 0;
  let key = "";
  let start = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34 /* " */) {
      const end = stringEnd(text, at);
      if (depth === 1 && start === -1) key = text.slice(at, end + 1);
      at = end;
    } else if (code === 91 /* [ */ || code === 123 /* { */) depth++;
    else if (depth === 1 && code === 58 /* : */) start = at + 1;
    else if (depth === 1 && (code === 44 /* , */ || code === 125) /* } */) {
      // A key may have escapes.
      if (start !== -1 && JSON.parse(key) === name) found = text.slice(start, at);
      start = -1;
      if (code === 125) depth--;
    } else if (code === 93 /* ] */ || code === 125) depth--;
  }
  return found;
}

/** What is wrong with a parsed value, or null; recursion is bounded by `nestingMax`. */
export function findJsonFault(value: unknown, limits: JsonLimits): ErrorCode | null {
  const count = { left: limits.valuesMax };
  return visit(value, limits.nestingMax, count);
}

/**
 * Whether a value is nested deeper than this. `JSON.stringify` takes seconds for a value that is
 * nested deeper than the stack, before it throws (measured: 4 s for a million levels).
 */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  const parts = Array.isArray(value) ? value : Object.values(value);
  return parts.some((part) => isNestedDeeper(part, levels - 1));
}

/**
 * Whether a member could change a prototype in code that copies it into another object: `__proto__`
 * with any value, and `constructor` with an object that has the key `prototype`.
 */
export function isForbiddenMember(key: string, value: unknown): boolean {
  if (key === "__proto__") return true;
  if (key !== "constructor" || typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "prototype");
}

/** What JSON Schema can say of `isStorableText()`: no NUL. */
export const STORABLE_TEXT = "^[^\\u0000]*$";

/** Whether PostgreSQL can keep the string: no NUL, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

function visit(value: unknown, levelsLeft: number, count: { left: number }): ErrorCode | null {
  if (--count.left < 0) return "event_too_complex";
  if (typeof value === "string") return isStorableText(value) ? null : "text_invalid";
  // JSON.parse turns 1e400 into Infinity; the exact check needs the text (hasBadNumber).
  if (typeof value === "number") return Number.isFinite(value) ? null : "number_invalid";
  if (typeof value !== "object" || value === null) return null;
  if (levelsLeft === 0) return "event_too_deep";
  return Array.isArray(value)
    ? visitElements(value, levelsLeft - 1, count)
    : visitMembers(value as JsonObject, levelsLeft - 1, count);
}

function visitElements(
  elements: readonly unknown[],
  levelsLeft: number,
  count: { left: number },
): ErrorCode | null {
  for (const element of elements) {
    const fault = visit(element, levelsLeft, count);
    if (fault !== null) return fault;
  }
  return null;
}

interface JsonObject {
  readonly [key: string]: unknown;
}

function visitMembers(
  object: JsonObject,
  levelsLeft: number,
  count: { left: number },
): ErrorCode | null {
  // Half the time of Object.entries(), measured; what JSON.parse makes inherits no enumerable key.
  for (const key in object) {
    const value = object[key];
    if (isForbiddenMember(key, value)) return "key_forbidden";
    if (!isStorableText(key)) return "text_invalid";
    const fault = visit(value, levelsLeft, count);
    if (fault !== null) return fault;
  }
  return null;
}

/** Index of the quote that ends the string which begins at `quote`. */
function stringEnd(text: string, quote: number): number {
  let at = quote;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

function isNumberCode(code: number): boolean {
  // Digits, + - . e E
  return (
    (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || (code | 32) === 101
  );
}

function isExactNumber(literal: string): boolean {
  const value = Number(literal);
  if (!Number.isFinite(value)) return false;
  if (/^-?\d+$/.test(literal)) return literal.length <= 15 || BigInt(literal) === BigInt(value);
  if (value !== 0) return true;
  return !/[1-9]/.test(literal.split(/e/i, 1)[0] ?? "");
}

/** Whether a value is a JSON object: neither null nor a list. */
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
