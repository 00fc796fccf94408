/** The address of the page: what is written can be read again, and nonsense does no harm. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  addFilter,
  type Filter,
  joinFilter,
  joinPieces,
  OPERATORS,
  readFilter,
  splitPieces,
  writeFilter,
} from "./filter.ts";
import {
  changeState,
  DEFAULT_STATE,
  findingEvent,
  type PageState,
  readState,
  VIEW_NAMES,
  writeState,
  withoutFilters,
} from "./page_state.ts";
import { RANGE_WORDS, rangeInSentence } from "./range.ts";

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const filter: fc.Arbitrary<Filter> = fc.record({
  operator: fc.constantFrom(...(Object.keys(OPERATORS) as Filter["operator"][])),
  dimension: fc.oneof(
    fc.constantFrom("event:name", "event:page", "event:source"),
    fc.string({ minLength: 1, maxLength: 8 }).map((path) => `event:props:${path}`),
  ),
  values: fc.array(
    fc.oneof(text, fc.boolean(), fc.constant(null), fc.integer(), fc.constantFrom("1", "true")),
    { minLength: 1, maxLength: 4 },
  ),
});
const range: fc.Arbitrary<PageState["range"]> = fc.oneof(
  fc.constantFrom(...(Object.keys(RANGE_WORDS) as (keyof typeof RANGE_WORDS)[])),
  fc
    .tuple(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 1, max: 1e10 }))
    .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length })),
);
const state: fc.Arbitrary<PageState> = fc.record({
  view: fc.constantFrom(...VIEW_NAMES),
  range,
  zone: fc.constantFrom(null, "Europe/Berlin", "America/New_York", "UTC"),
  comparison: fc.constantFrom("previous_period", "year_over_year", null),
  filters: fc.array(filter, { maxLength: 4 }),
  isPaused: fc.boolean(),
  own: fc.dictionary(fc.constantFrom("id", "by", "metric", "step"), text, {
    noNullPrototype: true,
  }),
});

describe("readState()", () => {
  test("gives what writeState() was given", () => {
    fc.assert(
      fc.property(state, (given) => {
        expect(readState(writeState(given))).toEqual(given);
      }),
    );
  });

  test("gives the defaults when the address has no query, or nonsense", () => {
    expect(readState("")).toEqual(DEFAULT_STATE);
    const nonsense = "?view=admin&range=never..&zone=Mars/Olympus&compare=x&f=is&f=,,&paused=1";
    expect(readState(nonsense)).toEqual(DEFAULT_STATE);
  });

  test("throws at no text", () => {
    fc.assert(
      fc.property(text, (given) => {
        readState(`?${given}`);
        readState(`?f=${given}&range=${given}&zone=${given}`);
      }),
    );
  });
});

describe("writeState()", () => {
  test("leaves out what has its default", () => {
    expect(writeState(DEFAULT_STATE)).toBe("?");
  });

  test("writes an address that a person can read", () => {
    const filters: Filter[] = [
      { operator: "is", dimension: "event:name", values: ["page_view", "click"] },
    ];
    const written = writeState({ ...DEFAULT_STATE, view: "explore", range: "24h", filters });

    expect(written).toBe("?view=explore&range=24h&f=is,event:name,page_view,click");
  });
});

describe("changeState()", () => {
  test("drops the parameters of a view when another view is chosen", () => {
    const before: PageState = { ...DEFAULT_STATE, view: "events", own: { id: "a" } };

    expect(changeState(before, { view: "send" }).own).toEqual({});
    expect(changeState(before, { view: "events", isPaused: true }).own).toEqual({ id: "a" });
    expect(changeState(before, { view: "send", own: { template: "b" } }).own).toEqual({
      template: "b",
    });
  });
});

describe("withoutFilters()", () => {
  test("ends the filter of a session in Events, with its page", () => {
    const own = { session: "s-1", after: "x", columns: "a" };

    expect(withoutFilters({ ...DEFAULT_STATE, view: "events", own })).toEqual({
      filters: [],
      own: { columns: "a" },
    });
    expect(withoutFilters({ ...DEFAULT_STATE, view: "events" })).toBeNull();
    const filter = { operator: "is", dimension: "event:name", values: ["a"] } as const;
    expect(withoutFilters({ ...DEFAULT_STATE, filters: [filter] })).toEqual({ filters: [] });
  });
});

describe("findingEvent()", () => {
  test("keeps what Events shows, and leaves behind what another view shows", () => {
    const own = { session: "s-1", columns: "a" };

    expect(findingEvent({ ...DEFAULT_STATE, view: "events", own })).toEqual({
      view: "events",
      own: { ...own, find: "yes" },
    });
    expect(findingEvent({ ...DEFAULT_STATE, view: "explore", own }).own).toEqual({ find: "yes" });
  });
});

describe("splitPieces()", () => {
  test("gives back the pieces when one has a comma", () => {
    const pieces = ["a,b", "100%2C", "c"];

    expect(splitPieces(joinPieces(pieces))).toEqual(pieces);
  });
});

describe("readFilter()", () => {
  test("keeps the types of JSON apart", () => {
    const given: Filter = {
      operator: "is",
      dimension: "event:props:a,b",
      values: ["1", 1, true, "true", null, "null", "a,b%2C", ""],
    };

    expect(readFilter(writeFilter(given))).toEqual(given);
    expect(writeFilter({ operator: "is", dimension: "event:props:n", values: ["1", 1] })).toBe(
      'is,event:props:n,"1",1',
    );
  });
});

describe("addFilter()", () => {
  test("replaces the filter with the same operator and dimension", () => {
    const first: Filter = { operator: "is", dimension: "event:name", values: ["a"] };
    const second: Filter = { operator: "is_not", dimension: "event:name", values: ["b"] };
    const third: Filter = { operator: "is", dimension: "event:name", values: ["c"] };

    expect(addFilter([first, second], third)).toEqual([second, third]);
  });
});

describe("joinFilter()", () => {
  test("adds a value to the filter with the same operator and dimension", () => {
    const filter = (...values: string[]): Filter => ({
      operator: "is",
      dimension: "event:name",
      values,
    });

    expect(joinFilter([filter("a")], filter("b"))).toEqual([filter("a", "b")]);
    expect(joinFilter([filter("a", "b")], filter("b"))).toEqual([filter("a", "b")]);
    expect(joinFilter([], filter("b"))).toEqual([filter("b")]);
  });
});

test('rangeInSentence() reads well after "of"', () => {
  expect((["1h", "hour", "day"] as const).map(rangeInSentence)).toEqual([
    "the last hour",
    "this hour",
    "today",
  ]);
});
