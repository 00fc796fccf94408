/**
 * Query parameters: read by a parser each, all of them or the first fault. Pages are cut by opaque
 * cursors.
 */
import { parseTimestamp } from "@tally/shared";

/** A parameter that can't be used; says which, never its value. */
export interface ParameterFault {
  readonly code: "invalid_parameter";
  /** JSON pointer: `/limit`; "" for one that is not known. */
  readonly pointer: string;
}

/** The value that a text stands for; null when it stands for none. */
export type Parser<T> = (text: string) => T | null;

/** Values by name; one that was not given is absent. */
export type Parameters<T> = { readonly [K in keyof T]?: T[K] };

/**
 * Reads the parameters of a request; a parameter that is unknown, repeated or unreadable is a
 * fault.
 */
export function readParameters<T extends object>(
  search: URLSearchParams,
  parsers: { readonly [K in keyof T]: Parser<T[K]> },
): Parameters<T> | ParameterFault {
  const values: { [K in keyof T]?: T[K] } = {};
  for (const [name, text] of search) {
    if (!Object.hasOwn(parsers, name)) return { code: "invalid_parameter", pointer: "" };
    const key = name as keyof T;
    const value = key in values ? null : parsers[key](text);
    if (value === null) return { code: "invalid_parameter", pointer: `/${name}` };
    values[key] = value;
  }
  return values;
}

/** Whether reading ended in a fault. */
export function isParameterFault(result: object): result is ParameterFault {
  return "pointer" in result && "code" in result && result.code === "invalid_parameter";
}

/** Rows in a page when the caller doesn't say. */
export const PAGE_ROWS_DEFAULT = 100;
const PAGE_ROWS_MAX = 1000;
const PARTITION_MAX = 2 ** 31 - 1;

/** A page's length, 1..1000. */
export const parseLimit: Parser<number> = (text) => {
  const limit = parseInteger(text, PAGE_ROWS_MAX);
  return limit === 0 ? null : limit;
};

/** A partition's number. */
export const parsePartition: Parser<number> = (text) => parseInteger(text, PARTITION_MAX);

/** A moment, RFC 3339 with a zone, in the canonical form. */
export const parseTime: Parser<string> = (text) => {
  const ms = parseTimestamp(text);
  return ms === null ? null : new Date(ms).toISOString();
};

/** One of a list. */
export function parseChoice<T extends string>(choices: readonly T[]): Parser<T> {
  return (text) => choices.find((choice) => choice === text) ?? null;
}

function parseInteger(text: string, max: number): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value <= max ? value : null;
}

/** A place in a list: opaque to callers, the last row's sort keys inside. */
export function encodeCursor(keys: readonly string[]): string {
  return Buffer.from(JSON.stringify(keys)).toString("base64url");
}

const CURSOR_LENGTH_MAX = 512;
/** A moment with microseconds, as cursors carry it. */
export const CURSOR_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** An offset or id. */
export const CURSOR_NUMBER = /^\d{1,18}$/;

/** Reads a cursor whose keys have these shapes. */
export function parseCursor(shapes: readonly RegExp[]): Parser<readonly string[]> {
  return (text) => {
    if (text.length > CURSOR_LENGTH_MAX) return null;
    const keys = parseKeys(Buffer.from(text, "base64url").toString());
    if (keys === null || keys.length !== shapes.length) return null;
    return keys.every((key, index) => shapes[index]?.test(key)) ? keys : null;
  };
}

function parseKeys(json: string): string[] | null {
  try {
    const keys: unknown = JSON.parse(json);
    if (!Array.isArray(keys)) return null;
    return keys.every((key) => typeof key === "string") ? keys : null;
  } catch {
    // Not a cursor of ours: the caller's fault, told by the null.
    return null;
  }
}
