/**
 * The query parameters of the routes as TypeBox schemas. Parsing (`readQuery`), types
 * and the OpenAPI document all come from here: a new parameter is one line.
 */
import {
  ERRORS,
  EVENT_TYPE_LENGTH_MAX,
  findEventTypeFault,
  findSessionIdFault,
  parseTimestamp,
  SESSION_ID_LENGTH_MAX,
  STORABLE_TEXT,
  type ErrorCode,
  type Problem,
} from "@tally/shared";
import { Type, type StaticDecode, type TObject, type TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { readFilters, type Filter } from "../queries/asked/filters.ts";
import { isRefused } from "../queries/asked/refused.ts";
import { decodeCursor, EVENTS_CURSOR, LETTERS_CURSOR, OBJECTS_CURSOR } from "./queries/cursor.ts";

/** The parameters of one route by name. */
export type QuerySchema = TObject;

/** The values of a route's parameters; an optional one that was not given is absent. */
export type Query<S extends QuerySchema> = {
  readonly [K in keyof StaticDecode<S>]: Exclude<StaticDecode<S>[K], null>;
};

/** The values, or the problem with the first parameter that can't be used. */
export type ReadQuery<S extends QuerySchema> =
  | { readonly kind: "query"; readonly query: Query<S> }
  | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Reads the parameters of a request. A parameter that is unknown, repeated, missing or unreadable
 * gives `invalid_parameter`. Its pointer names the parameter (`/limit`), or is "" for an unknown
 * one; the problem never holds the value.
 *
 * Elysia could check these schemas itself. But its parser keeps only the last of a repeated
 * parameter, and by default it drops unknown ones.
 */
export function readQuery<S extends QuerySchema>(schema: S, search: URLSearchParams): ReadQuery<S> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of search) {
    const parameter = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (parameter === undefined) return refuse("");
    const value = Object.hasOwn(values, name) ? null : readParameter(parameter, text);
    if (value === null) return refuse(`/${name}`);
    values[name] = value;
  }
  Value.Default(schema, values);
  const missing = schema.required?.find((name) => !Object.hasOwn(values, name));
  if (missing !== undefined) return refuse(`/${missing}`);
  return { kind: "query", query: values as Query<S> };
}

function refuse(pointer: string): { readonly kind: "refused"; readonly problem: Problem } {
  return { kind: "refused", problem: { code: "invalid_parameter", pointer } };
}

/** The value of one parameter, or null when the text is not one. */
function readParameter(schema: TSchema, text: string): unknown {
  const value = schema["type"] === "integer" ? readInteger(text) : text;
  return Value.Check(schema, value) ? Value.Decode(schema, value) : null;
}

/** A whole number without a sign, or null: `Number()` also reads "", " 5", "1e3" and "0x1". */
function readInteger(text: string): number | null {
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

/**
 * A parameter whose text `read` turns into a value, or null when it can't. The options describe it
 * in OpenAPI and are not checked: TypeBox counts UTF-16 units, JSON Schema and events characters.
 */
function text<T>(options: object, read: (text: string) => T | null) {
  const schema = Type.Unsafe<string>(Type.Unknown({ type: "string", ...options }));
  return Type.Transform(schema)
    .Decode(read)
    .Encode(() => "");
}

function choice<T extends string>(choices: readonly T[]) {
  return text({ enum: choices }, (given) => choices.find((each) => each === given) ?? null);
}

/** A moment, RFC 3339 with a zone; read into the canonical form. */
function time(description: string) {
  // PostgreSQL knows no year 0.
  return text({ format: "date-time", pattern: "^(?!0000)", description }, (given) => {
    const ms = parseTimestamp(given);
    return ms === null ? null : new Date(ms).toISOString();
  });
}

/** The parameters of a list that is read a page at a time. */
function paging(cursor: RegExp) {
  const options = { description: "`next` of the previous page", pattern: cursor.source };
  return {
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
    after: Type.Optional(text(options, (given) => decodeCursor(given, cursor))),
  };
}

const CODE = choice(Object.keys(ERRORS) as ErrorCode[]);
const PARTITION = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 });
const SESSION_ID = text(
  { minLength: 1, maxLength: SESSION_ID_LENGTH_MAX, pattern: STORABLE_TEXT },
  (given) => (findSessionIdFault(given) === null ? given : null),
);
const EVENT_TYPE = text(
  { minLength: 1, maxLength: EVENT_TYPE_LENGTH_MAX, pattern: STORABLE_TEXT },
  (given) => (findEventTypeFault(given) === null ? given : null),
);

/** Longer than any URL that a proxy passes on. // chosen */
const FILTERS_LENGTH_MAX = 8000;
const FILTERS = text(
  {
    maxLength: FILTERS_LENGTH_MAX,
    description: "JSON: a list of filters as `POST /api/v2/query` takes it",
  },
  readFiltersText,
);

/** Filters as a tree, or null when the text is none. */
function readFiltersText(given: string): { readonly filter: Filter | null } | null {
  if (given.length > FILTERS_LENGTH_MAX) return null;
  try {
    const list: unknown = JSON.parse(given);
    if (!Array.isArray(list)) return null;
    const read = readFilters(list, "");
    return isRefused(read) ? null : { filter: read };
  } catch {
    // Not JSON.
    return null;
  }
}

/** `GET /events`; the cursor holds receivedAt and id of the last row. */
export const EVENTS_QUERY = Type.Object({
  sessionId: Type.Optional(SESSION_ID),
  eventType: Type.Optional(EVENT_TYPE),
  filters: Type.Optional(FILTERS),
  time: Type.Optional(choice(["receivedAt", "ts"])),
  from: Type.Optional(time("`receivedAt`, or what `time` names, at or after")),
  to: Type.Optional(time("`receivedAt`, or what `time` names, before")),
  ...paging(EVENTS_CURSOR),
});

/** `GET /dead-letters`; the cursor holds the id of the last dead letter. */
export const DEAD_LETTERS_QUERY = Type.Object({
  code: Type.Optional(CODE),
  partition: Type.Optional(PARTITION),
  ...paging(LETTERS_CURSOR),
});

/** `POST /dead-letters/resend`; the cursor holds the id of the last dead letter. */
export const RESEND_QUERY = Type.Object({ code: CODE, ...paging(LETTERS_CURSOR) });

/** `GET /archive/objects`; the cursor holds log, partition and first offset of the last object. */
export const OBJECTS_QUERY = Type.Object({
  partition: Type.Optional(PARTITION),
  state: Type.Optional(choice(["planned", "stored"])),
  ...paging(OBJECTS_CURSOR),
});

export type EventsQuery = Query<typeof EVENTS_QUERY>;
export type DeadLettersQuery = Query<typeof DEAD_LETTERS_QUERY>;
export type ObjectsQuery = Query<typeof OBJECTS_QUERY>;
