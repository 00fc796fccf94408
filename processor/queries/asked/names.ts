/** What a query can ask for, by name: metrics, dimensions and the fields of an event. Pure. */
import { STORABLE_TEXT } from "@tally/shared";
import { refused, type Refused } from "./refused.ts";

/** A field of an event that filters and groups read. */
export type Field =
  | { readonly kind: "name" }
  | { readonly kind: "source" }
  | { readonly kind: "property"; readonly path: readonly string[] };

/** Lengths of buckets of time. */
export const GRAINS = ["minute", "hour", "day", "week", "month"] as const;
export type Grain = (typeof GRAINS)[number];

/** What events are grouped by; a grain of null is chosen by the length of the range. */
export type Dimension = { readonly kind: "time"; readonly grain: Grain | null } | Field;

/** Calculations over the numbers of a property; `unique` counts its different values. */
const CALCULATIONS = ["sum", "avg", "min", "max", "p50", "p95", "p99", "unique"] as const;
export type Calculation = (typeof CALCULATIONS)[number];

/** A figure of each group. */
export type Metric =
  | { readonly kind: "events" | "sessions" | "pageviews" | "percentage" }
  | { readonly kind: "property"; readonly of: Calculation; readonly path: readonly string[] };

/** Types of events that are page views. */
export const PAGE_TYPES = ["page_view", "pageview", "page"] as const;

const PLAIN_METRICS: ReadonlyMap<string, Metric> = new Map([
  ["events", { kind: "events" }],
  ["sessions", { kind: "sessions" }],
  // Plausible's clients say so.
  ["visits", { kind: "sessions" }],
  ["visitors", { kind: "sessions" }],
  ["pageviews", { kind: "pageviews" }],
  ["percentage", { kind: "percentage" }],
] as const);

/** How deep a path goes: no event is nested deeper by default. */
const PATH_NAMES_MAX = 32;
/** The longest name of a metric or dimension, in UTF-16 units. // chosen */
const NAME_LENGTH_MAX = 1024;
const PROPERTY = "event:props:";
const PATH_HINT = `a path has 1 to ${PATH_NAMES_MAX} names with dots between them`;
const METRIC_HINT = `Allowed: ${[...PLAIN_METRICS.keys()].join(", ")}, and ${CALCULATIONS.join(", ")} followed by : and a property, such as sum:event:props:price; ${PATH_HINT}`;
const FIELD_HINT = `event:name, event:page, event:source, event:props:<path>; ${PATH_HINT}`;

/** Reads the name of a metric. */
export function readMetric(name: string, pointer: string): Metric | Refused {
  const plain = PLAIN_METRICS.get(name);
  if (plain !== undefined) return plain;
  const of = CALCULATIONS.find((each) => name.startsWith(`${each}:`));
  const field = of === undefined ? null : parseField(name.slice(of.length + 1));
  if (of === undefined || field?.kind !== "property") {
    return refused("unknown_metric", pointer, METRIC_HINT);
  }
  return { kind: "property", of, path: field.path };
}

/** Reads the name of a dimension. */
export function readDimension(name: string, pointer: string): Dimension | Refused {
  if (name === "time") return { kind: "time", grain: null };
  const grain = GRAINS.find((each) => name === `time:${each}`);
  if (grain !== undefined) return { kind: "time", grain };
  const times = ["time", ...GRAINS.map((each) => `time:${each}`)].join(", ");
  return (
    parseField(name) ?? refused("unknown_dimension", pointer, `Allowed: ${times}, ${FIELD_HINT}`)
  );
}

/** Reads the name of a field that a filter compares. */
export function readField(name: unknown, pointer: string): Field | Refused {
  const field = typeof name === "string" ? parseField(name) : null;
  return (
    field ??
    refused(
      "unknown_dimension",
      pointer,
      `Allowed in a filter: ${FIELD_HINT}. Time is bounded by date_range`,
    )
  );
}

function parseField(name: string): Field | null {
  if (name === "event:name") return { kind: "name" };
  if (name === "event:source") return { kind: "source" };
  if (name === "event:page") return { kind: "property", path: ["path"] };
  if (!name.startsWith(PROPERTY) || name.length > NAME_LENGTH_MAX) return null;
  const path = name.slice(PROPERTY.length).split(".");
  return path.length <= PATH_NAMES_MAX && path.every(isStorable)
    ? { kind: "property", path }
    : null;
}

/** Whether PostgreSQL takes a text that is not empty. */
function isStorable(text: string): boolean {
  return text !== "" && isText(text);
}

/** Whether PostgreSQL takes a text. */
export function isText(text: string): boolean {
  return STORABLE.test(text) && text.isWellFormed();
}

const STORABLE = new RegExp(STORABLE_TEXT);
