import { describe, expect, test } from "bun:test";

import { expectedEvent, type RunOfEvents } from "../sending/events.ts";
import type { CountEvidence, Evidence, PositionEvidence, RangeEvidence } from "./evidence.ts";
import { FoundEvents, type FoundEvent } from "./found_events.ts";
import { readJournal } from "../sending/journal.ts";
import { judge, type Expectations } from "./judge.ts";

const RUN: RunOfEvents = { run: "r1", baseMs: Date.parse("2026-01-31T07:00:00.000Z") };
const RECEIVED_AT = "2026-01-31T07:13:32.345Z";
const NOTHING_ELSE: Expectations = { unstorable: [], repeats: 0, holes: 0, lost: [] };

/** Ten acknowledged events in partition 0, all of them a row and a line. */
const EVENTS = 10;
const NUMBERS = Array.from({ length: EVENTS }, (_, number) => number);

function found(number: number, changes: Partial<FoundEvent> = {}): FoundEvent {
  const { ts, ...event } = expectedEvent(RUN, number);
  return { ...event, ts: ts ?? RECEIVED_AT, receivedAt: RECEIVED_AT, ...changes };
}

function foundAll(events: readonly FoundEvent[], total = EVENTS): FoundEvents {
  const all = new FoundEvents(RUN, total);
  for (const event of events) all.add(event);
  return all;
}

function countsOf({ byMinute }: FoundEvents): CountEvidence[] {
  return [...byMinute].map(([key, events]) => ({
    start: key.slice(0, "2026-01-31T07:15".length),
    seconds: 60,
    eventType: key.slice("2026-01-31T07:15 ".length),
    events,
  }));
}

function position(changes: Partial<PositionEvidence>): PositionEvidence {
  const counters = { records: EVENTS, events: EVENTS, duplicates: 0, deadLetters: 0 };
  const place = { sink: "postgres", partition: 0, nextOffset: EVENTS, stopped: null } as const;
  return { ...place, ...counters, ...changes };
}

const RANGE: RangeEvidence = {
  partition: 0,
  firstOffset: 0,
  lastOffset: EVENTS - 1,
  key: "k",
  state: "stored",
  events: EVENTS,
  sha256: "s",
  object: { sha256: "s", lines: EVENTS },
};

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    journal: readJournal(`A 0 ${EVENTS}\n`),
    rows: foundAll(NUMBERS.map((number) => found(number))),
    lines: foundAll(NUMBERS.map((number) => found(number))),
    positions: [position({}), position({ sink: "archive" })],
    highWatermarks: new Map([[0, EVENTS]]),
    ranges: [RANGE],
    unplannedKeys: [],
    counts: countsOf(changes.rows ?? foundAll(NUMBERS.map((number) => found(number)))),
    duplicates: 0,
    deadLetters: [],
    gapOffsets: 0,
    lost: new Set(),
    ...changes,
  };
}

function brokenBy(changes: Partial<Evidence>, expectations = NOTHING_ELSE): string[] {
  const broken = judge(evidence(changes), expectations);
  return [...new Set(broken.map(({ invariant }) => invariant))].sort();
}

const without = (number: number) => NUMBERS.filter((each) => each !== number);
const rowsOf = (numbers: readonly number[]) => foundAll(numbers.map((number) => found(number)));

describe("judge()", () => {
  test("judge() finds nothing when every promise is kept", () => {
    expect(judge(evidence(), NOTHING_ELSE)).toEqual([]);
  });

  test("judge() breaks I1 when an acknowledged event has no row", () => {
    expect(brokenBy({ rows: rowsOf(without(3)), lines: rowsOf(without(3)) })).toContain("I1");
  });

  test("judge() breaks I2 when a refused event, or one that was never sent, has a row", () => {
    const refused = readJournal(`A 0 ${EVENTS - 1}\nN ${EVENTS - 1} 1\n`);
    const strange = foundAll([...NUMBERS.map((n) => found(n)), found(0, { eventId: "r2-1" })]);

    expect(brokenBy({ journal: refused })).toEqual(["I2"]);
    expect(brokenBy({ rows: strange })).toContain("I2");
  });

  test("judge() takes an event of unknown outcome with or without a row", () => {
    const unknown = readJournal(`A 0 ${EVENTS - 1}\nU ${EVENTS - 1} 1\n`);

    expect(brokenBy({ journal: unknown })).toEqual([]);
  });

  test("judge() breaks I3 when duplicates are not counted exactly", () => {
    const twice = readJournal(`A 0 ${EVENTS}\nA 2 1\n`);

    expect(brokenBy({ journal: twice })).toEqual(["I3"]);
    expect(brokenBy({}, { ...NOTHING_ELSE, repeats: 1 })).toEqual(["I3"]);
  });

  test("judge() breaks I4 when a line is missing, or there twice", () => {
    const doubled = foundAll([...NUMBERS, 5].map((number) => found(number)));

    expect(brokenBy({ lines: rowsOf(without(3)) })).toEqual(["I4"]);
    expect(brokenBy({ lines: doubled })).toEqual(["I4"]);
  });

  test("judge() breaks I5 when a row or a line differs from what was sent", () => {
    const changed = NUMBERS.map((n) => found(n, n === 4 ? { payload: { number: 4 } } : {}));
    const later = { receivedAt: "2026-01-31T07:13:32.346Z", ts: "2026-01-31T07:13:32.346Z" };
    const otherTime = NUMBERS.map((n) => found(n, n === 4 ? later : {}));

    expect(brokenBy({ rows: foundAll(changed) })).toEqual(["I5"]);
    expect(brokenBy({ lines: foundAll(changed) })).toEqual(["I5"]);
    expect(brokenBy({ lines: foundAll(otherTime) })).toEqual(["I5"]);
  });

  const badRanges: [string, RangeEvidence[]][] = [
    ["does not begin at the start", [{ ...RANGE, firstOffset: 1 }]],
    ["ends before the log", [{ ...RANGE, lastOffset: 8 }]],
    ["overlaps", [RANGE, { ...RANGE, firstOffset: 5 }]],
    ["is only planned", [{ ...RANGE, state: "planned" }]],
    ["has no object", [{ ...RANGE, object: null }]],
    ["has an object with another digest", [{ ...RANGE, object: { sha256: "x", lines: EVENTS } }]],
    ["has an object with fewer lines", [{ ...RANGE, object: { sha256: "s", lines: 9 } }]],
    ["has events and no key", [{ ...RANGE, key: null, object: null }]],
  ];
  test.each(badRanges)("judge() breaks I6 when a range %s", (_, ranges) => {
    expect(brokenBy({ ranges })).toEqual(["I6"]);
  });

  test("judge() breaks I6 when there is an object that no range names", () => {
    expect(brokenBy({ unplannedKeys: ["stray"] })).toEqual(["I6"]);
  });

  test("judge() breaks I7 when a sink lags, has stopped, or counts something else", () => {
    const archive = position({ sink: "archive" });

    expect(brokenBy({ positions: [position({ nextOffset: 9 }), archive] })).toEqual(["I7"]);
    expect(brokenBy({ positions: [position({}), { ...archive, stopped: "why" }] })).toEqual(["I7"]);
    expect(brokenBy({ positions: [position({ events: 9 }), archive] })).toEqual(["I7"]);
    expect(brokenBy({ positions: [position({})] })).toEqual(["I7"]);
  });

  test("judge() breaks I7 when a record of the log is nothing of what it can be", () => {
    expect(brokenBy({ highWatermarks: new Map([[0, EVENTS + 1]]) })).toContain("I7");
    expect(brokenBy({ gapOffsets: 1 })).toEqual(["I7"]);
    expect(brokenBy({ lost: new Set(["0:3"]) })).toEqual(["I7"]);
  });

  test("judge() accepts that exactly the records are lost that were deleted, and says so otherwise", () => {
    const kept = without(3);
    const lines = rowsOf(kept);
    const found = {
      rows: rowsOf(kept),
      lines,
      ranges: [{ ...RANGE, events: 9, object: { sha256: "s", lines: 9 } }],
      positions: [position({ records: 9, events: 9 }), position({ sink: "archive" })],
      lost: new Set(["0:3"]),
    };
    const deleted: Expectations = {
      ...NOTHING_ELSE,
      lost: [{ partition: 0, offset: 3, number: 3 }],
    };

    expect(brokenBy(found, deleted)).toEqual([]);
    expect(brokenBy({ ...found, lost: new Set() }, deleted)).toEqual(["I7"]);
    expect(brokenBy(found, { ...deleted, lost: [{ partition: 0, offset: 3, number: 4 }] })).toEqual(
      ["I1"],
    );
  });

  test("judge() breaks I8 when a dead letter is no injected record, or one is missing", () => {
    const letter = { partition: 0, offset: EVENTS, code: "record_corrupt" };
    const place = { partition: 0, offset: EVENTS };
    const injected: Expectations = { ...NOTHING_ELSE, unstorable: [place] };

    expect(brokenBy({ deadLetters: [letter] })).toContain("I8");
    expect(brokenBy({}, injected)).toEqual(["I8"]);
    expect(brokenBy({ deadLetters: [{ ...letter, offset: 3 }] }, injected)).toContain("I8");
  });

  test("judge() breaks I12 when a minute, a type or the number of its events is counted wrong", () => {
    const right = evidence().counts;
    const changed = (change: Partial<CountEvidence>) =>
      right.map((each, index) => (index === 0 ? { ...each, ...change } : each));

    expect(brokenBy({ counts: changed({ events: 99 }) })).toEqual(["I12"]);
    expect(brokenBy({ counts: changed({ start: "2026-01-31T09:59" }) })).toEqual(["I12"]);
    expect(brokenBy({ counts: changed({ eventType: null }) })).toEqual(["I12"]);
    expect(brokenBy({ counts: right.slice(1) })).toEqual(["I12"]);
  });

  test("judge() compares quarters of an hour where minutes are counted together", () => {
    const moved = evidence().counts.map((each) => ({
      ...each,
      start: `${each.start.slice(0, -2)}00`,
      seconds: 900,
    }));

    expect(brokenBy({ counts: moved })).toEqual([]);
    expect(brokenBy({ counts: moved.slice(1) })).toEqual(["I12"]);
  });
});
