/**
 * What the page shows, as the query string of its address: every state is a link, and works
 * below any path of a proxy. Pure. What a viewer typed wrongly falls back to its default.
 */
import { type Filter, FILTERS_MAX, readFilter, writeFilter } from "./filter.ts";
import { DEFAULT_RANGE, type Range, readRange, writeRange } from "./range.ts";

export const VIEW_NAMES = [
  "overview",
  "explore",
  "events",
  "pipeline",
  "dead-letters",
  "send",
  "wall",
] as const;

export type ViewName = (typeof VIEW_NAMES)[number];

/** With what a range is compared, or null when it is not. */
export type Comparison = "previous_period" | "year_over_year" | null;

export interface PageState {
  readonly view: ViewName;
  readonly range: Range;
  /** IANA name, or null when it is that of the viewer. */
  readonly zone: string | null;
  readonly comparison: Comparison;
  /** An event must pass all of them. */
  readonly filters: readonly Filter[];
  readonly isPaused: boolean;
  /** Parameters of the view alone, by name. A change of the view drops them. */
  readonly own: { readonly [name: string]: string };
}

export const DEFAULT_STATE: PageState = {
  view: "overview",
  range: DEFAULT_RANGE,
  zone: null,
  comparison: "previous_period",
  filters: [],
  isPaused: false,
  own: {},
};

/** Parameters of the page, which no view may take for its own. */
const SHARED: ReadonlySet<string> = new Set(["view", "range", "zone", "compare", "paused", "f"]);
/** Most parameters of a view. // chosen */
const OWN_MAX = 40;

/** @param search The query string, with or without its `?`. */
export function readState(search: string): PageState {
  const given = new URLSearchParams(search);
  const own = [...given].filter(([name]) => !SHARED.has(name)).slice(0, OWN_MAX);
  return {
    view: readView(given.get("view")),
    range: readRange(given.get("range") ?? "") ?? DEFAULT_STATE.range,
    zone: readZone(given.get("zone")),
    comparison: readComparison(given.get("compare")),
    filters: given
      .getAll("f")
      .slice(0, FILTERS_MAX)
      .flatMap((text) => readFilter(text) ?? []),
    isPaused: given.get("paused") === "yes",
    own: Object.fromEntries(own),
  };
}

/** @returns The query string with its `?`; what has its default is left out. */
export function writeState(state: PageState): string {
  const written = new URLSearchParams();
  if (state.view !== DEFAULT_STATE.view) written.set("view", state.view);
  if (state.range !== DEFAULT_STATE.range) written.set("range", writeRange(state.range));
  if (state.zone !== null) written.set("zone", state.zone);
  if (state.comparison !== DEFAULT_STATE.comparison) {
    written.set("compare", state.comparison ?? "none");
  }
  for (const filter of state.filters) written.append("f", writeFilter(filter));
  if (state.isPaused) written.set("paused", "yes");
  for (const [name, value] of Object.entries(state.own)) {
    if (!SHARED.has(name)) written.set(name, value);
  }
  // These three mean nothing in a query string, and people read addresses.
  const text = written.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `?${text.replaceAll("%2F", "/")}`;
}

/** The state after a change; a change of the view drops what only the old view knows. */
export function changeState(state: PageState, changes: Partial<PageState>): PageState {
  const isOtherView = changes.view !== undefined && changes.view !== state.view;
  return { ...state, ...(isOtherView ? { own: {} } : {}), ...changes };
}

/** What ends every filter, in Events that of a session as well; null when nothing is filtered. */
export function withoutFilters({ view, filters, own }: PageState): Partial<PageState> | null {
  if (view !== "events" || own["session"] === undefined) {
    return filters.length > 0 ? { filters: [] } : null;
  }
  const { session: _, after: __, ...rest } = own;
  return { filters: [], own: rest };
}

/** Events with the focus in its box of ids; Events itself stays as it is otherwise. */
export function findingEvent({ view, own }: PageState): Partial<PageState> {
  return { view: "events", own: { ...(view === "events" ? own : {}), find: "yes" } };
}

function readView(text: string | null): ViewName {
  return VIEW_NAMES.find((name) => name === text) ?? DEFAULT_STATE.view;
}

function readComparison(text: string | null): Comparison {
  if (text === "none") return null;
  return text === "year_over_year" ? text : DEFAULT_STATE.comparison;
}

/** Only a zone that this browser knows can be shown. */
function readZone(text: string | null): string | null {
  if (text === null || text === "") return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone && text;
  } catch {
    // No such zone.
    return null;
  }
}
