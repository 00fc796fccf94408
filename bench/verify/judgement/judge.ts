/**
 * The oracle: the invariants that must hold once a run is quiet. Pure: evidence in,
 * broken invariants out. docs/guarantees.md lists I1 to I12.
 */
import type { Evidence, PositionEvidence } from "./evidence.ts";
import type { LostRecord } from "../fault.ts";
import type { FoundEvents } from "./found_events.ts";

/** Names of the invariants. */
export type Invariant =
  "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9" | "I10" | "I11" | "I12";

/** One invariant that does not hold. */
export interface Broken {
  readonly invariant: Invariant;
  /** What was found, with numbers or names. */
  readonly text: string;
}

/** What the fault itself put into the log: expected, not an error. */
export interface Expectations {
  /** Records that were put into the log without ingest and can't become rows. */
  readonly unstorable: readonly { readonly partition: number; readonly offset: number }[];
  /** Records put into the log without ingest that repeat an acknowledged event. */
  readonly repeats: number;
  /** Offsets that no reader gets a record of: another producer's markers and aborted records. */
  readonly holes: number;
  /** Records that were deleted from the log before they were read. */
  readonly lost: readonly LostRecord[];
}

/** How the fate of an event can be wrong. */
type Fault = "lost" | "refused" | "neverSent" | "twice" | "lineMissing" | "lineExtra" | "otherTime";

const FAULTS: Readonly<Record<Fault, { readonly invariant: Invariant; readonly text: string }>> = {
  lost: { invariant: "I1", text: "acknowledged events have no row" },
  refused: { invariant: "I2", text: "refused events have a row" },
  neverSent: { invariant: "I2", text: "rows of events that were not recorded as sent" },
  twice: { invariant: "I3", text: "events have more than one row" },
  lineMissing: { invariant: "I4", text: "rows have no archive line" },
  lineExtra: { invariant: "I4", text: "more archive lines than rows" },
  otherTime: { invariant: "I5", text: "lines were received at another time than their rows" },
};

/** Every invariant that the evidence breaks; empty when all hold. */
export function judge(evidence: Evidence, expectations: Expectations): Broken[] {
  return [
    ...judgeEvents(evidence, expectations),
    ...judgeContents("rows", evidence.rows),
    ...judgeContents("archive lines", evidence.lines),
    ...judgeRanges(evidence),
    ...judgePositions(evidence),
    ...judgeAccounts(evidence, expectations),
    ...judgeCounts(evidence),
  ];
}

/** I1 to I4: the fate of each event; totals are not enough. */
function judgeEvents({ journal, rows, lines }: Evidence, { lost }: Expectations): Broken[] {
  const lostNumbers = new Set(lost.map(({ number }) => number));
  const counts = new Map<Fault, { count: number; example: number }>();
  const note = (fault: Fault, number: number) => {
    const found = counts.get(fault) ?? { count: 0, example: number };
    counts.set(fault, { ...found, count: found.count + 1 });
  };
  for (let number = 0; number < journal.total; number += 1) {
    const isAcknowledged = journal.timesAccepted(number) > 0;
    const rowTimes = rows.times[number] ?? 0;
    const lineTimes = lines.times[number] ?? 0;
    if (isAcknowledged && rowTimes === 0 && !lostNumbers.has(number)) note("lost", number);
    if (rowTimes > 0 && !isAcknowledged && !journal.isUnknown(number)) {
      note(journal.isRejected(number) ? "refused" : "neverSent", number);
    }
    if (rowTimes > 1) note("twice", number);
    if (lineTimes < rowTimes) note("lineMissing", number);
    if (lineTimes > rowTimes) note("lineExtra", number);
    if (
      rowTimes === 1 &&
      lineTimes === 1 &&
      rows.receivedAtMs[number] !== lines.receivedAtMs[number]
    )
      note("otherTime", number);
  }
  return [...counts].map(([fault, { count, example }]) => {
    const { invariant, text } = FAULTS[fault];
    return { invariant, text: `${count} ${text}, for example event ${example}` };
  });
}

/** I2 and I5: every row and line belongs to an event that was sent, and holds what was sent. */
function judgeContents(place: string, { strange, wrong, examples }: FoundEvents): Broken[] {
  const broken: Broken[] = [];
  const shown = `for example ${examples.join(", ")}`;
  if (strange > 0)
    broken.push({
      invariant: "I2",
      text: `${strange} ${place} of events that were never sent, ${shown}`,
    });
  if (wrong > 0)
    broken.push({ invariant: "I5", text: `${wrong} ${place} differ from what was sent, ${shown}` });
  return broken;
}

/** I6: the ranges cover each partition from 0 to its end, and each object matches its range. */
function judgeRanges({ ranges, highWatermarks, unplannedKeys }: Evidence): Broken[] {
  const broken: Broken[] = [];
  const say = (text: string) => broken.push({ invariant: "I6", text });
  for (const [partition, end] of highWatermarks) {
    let next = 0;
    for (const range of ranges.filter((each) => each.partition === partition)) {
      const name = `range ${range.firstOffset}-${range.lastOffset} of partition ${partition}`;
      if (range.firstOffset !== next) say(`${name} begins at ${range.firstOffset}, not at ${next}`);
      next = range.lastOffset + 1;
      if (range.state !== "stored") say(`${name} is ${range.state}`);
      if (range.key === null) {
        if (range.events > 0) say(`${name} has ${range.events} events and no key`);
        continue;
      }
      if (range.object === null) say(`${name} has no object ${range.key}`);
      else if (range.object.sha256 !== range.sha256 || range.object.lines !== range.events)
        say(`${name}: object ${range.key} has other lines than planned`);
    }
    if (next !== end) say(`the ranges of partition ${partition} end at ${next}, its log at ${end}`);
  }
  if (unplannedKeys.length > 0)
    say(`${unplannedKeys.length} objects that no range names, for example ${unplannedKeys[0]}`);
  return broken;
}

/** I7: both sinks are at the end of each partition, and none waits for an operator. */
function judgePositions({ positions, highWatermarks }: Evidence): Broken[] {
  const broken: Broken[] = [];
  for (const sink of ["postgres", "archive"] as const) {
    for (const [partition, end] of highWatermarks) {
      const found = positions.find((each) => each.sink === sink && each.partition === partition);
      const at = found?.nextOffset ?? 0;
      if (at !== end)
        broken.push({
          invariant: "I7",
          text: `${sink} is at ${at} of partition ${partition}, its log ends at ${end}`,
        });
      if (found?.stopped != null)
        broken.push({
          invariant: "I7",
          text: `${sink} has stopped partition ${partition}: ${found.stopped}`,
        });
    }
  }
  return broken;
}

/** I7 and I8: every record is a row, a duplicate or a dead letter, and is counted once. */
function judgeAccounts(evidence: Evidence, expectations: Expectations): Broken[] {
  const { journal, rows, positions, duplicates, deadLetters, highWatermarks } = evidence;
  const { unstorable, repeats, holes, lost } = expectations;
  const broken: Broken[] = judgeGaps(evidence, expectations);
  const records = sum([...highWatermarks.values()]) - holes - lost.length;
  const accounted = rows.count + duplicates + deadLetters.length;
  if (accounted !== records) {
    const text = `${records} records in the log, but ${rows.count} rows + ${duplicates} duplicates + ${deadLetters.length} dead letters`;
    broken.push({ invariant: "I7", text });
  }
  const counted = countersOf(positions.filter(({ sink }) => sink === "postgres"));
  const wanted = { records, events: rows.count, duplicates, deadLetters: deadLetters.length };
  if (JSON.stringify(counted) !== JSON.stringify(wanted)) {
    const text = `the counters are ${JSON.stringify(counted)}, the tables ${JSON.stringify(wanted)}`;
    broken.push({ invariant: "I7", text });
  }
  const injected = new Set(unstorable.map(({ partition, offset }) => `${partition}:${offset}`));
  const wrong = deadLetters.filter(
    ({ partition, offset }) => !injected.has(`${partition}:${offset}`),
  );
  if (wrong.length > 0 || deadLetters.length !== unstorable.length) {
    const text = `${deadLetters.length} dead letters for ${unstorable.length} poison records, ${wrong.length} of them not injected (${wrong[0]?.code ?? "none"})`;
    broken.push({ invariant: "I8", text });
  }
  return [...broken, ...judgeDuplicates(evidence, repeats, journal)];
}

/** I7: what the processor calls a gap or lost is what the fault made, and nothing else. */
function judgeGaps({ gapOffsets, lost: found }: Evidence, { holes, lost }: Expectations): Broken[] {
  const broken: Broken[] = [];
  if (gapOffsets !== holes) {
    broken.push({ invariant: "I7", text: `${gapOffsets} offsets in gaps, expected ${holes}` });
  }
  const wanted = new Set(lost.map(({ partition, offset }) => `${partition}:${offset}`));
  const wrong = wanted.symmetricDifference(found);
  if (wrong.size > 0) {
    const [example] = wrong;
    const text = `${found.size} lost records, expected ${wanted.size}; they differ at ${example}`;
    broken.push({ invariant: "I7", text });
  }
  return broken;
}

/** I3: of an event that was acknowledged several times, all but the first are duplicates. */
function judgeDuplicates(
  { duplicates }: Evidence,
  repeats: number,
  journal: Evidence["journal"],
): Broken[] {
  let again = 0;
  let unknown = 0;
  for (let number = 0; number < journal.total; number += 1) {
    again += Math.max(0, journal.timesAccepted(number) - 1);
    if (journal.isUnknown(number)) unknown += 1;
  }
  const least = again + repeats;
  // A request without a verdict may have been stored; then its repetition is a duplicate.
  if (duplicates >= least && (unknown > 0 || duplicates === least)) return [];
  const text = `${duplicates} duplicates, expected ${least}${unknown > 0 ? " or more" : ""}`;
  return [{ invariant: "I3", text }];
}

/** I12: for each minute and type the counts are the rows of the events that were sent. */
function judgeCounts({ rows, counts }: Evidence): Broken[] {
  // Where something is counted by quarter of an hour, its minutes are compared together.
  const quarters = new Set(counts.flatMap((each) => (each.seconds > 60 ? [each.start] : [])));
  const bucketOf = (minute: string): string => {
    const quarter = quarterOf(minute);
    return quarters.has(quarter) ? quarter : minute;
  };
  const differences = new Map<string, number>();
  const add = (minute: string, type: string, events: number) => {
    const key = `${bucketOf(minute)} ${type}`;
    differences.set(key, (differences.get(key) ?? 0) + events);
  };
  for (const { start, eventType, events } of counts) add(start, eventType ?? "", events);
  for (const [key, events] of rows.byMinute) {
    add(key.slice(0, MINUTE_LENGTH), key.slice(MINUTE_LENGTH + 1), -events);
  }
  const wrong = [...differences].filter(([, difference]) => difference !== 0);
  const [example] = wrong;
  if (example === undefined) return [];
  const [key, difference] = example;
  const text = `the counts of ${wrong.length} minutes and types differ from the rows, for example ${key} by ${difference}`;
  return [{ invariant: "I12", text }];
}

const MINUTE_LENGTH = "2026-01-31T07:15".length;

function quarterOf(minute: string): string {
  const quarter = Math.floor(Number(minute.slice(-2)) / 15) * 15;
  return `${minute.slice(0, -2)}${String(quarter).padStart(2, "0")}`;
}

function countersOf(positions: readonly PositionEvidence[]) {
  return {
    records: sum(positions.map(({ records }) => records)),
    events: sum(positions.map(({ events }) => events)),
    duplicates: sum(positions.map((each) => each.duplicates)),
    deadLetters: sum(positions.map((each) => each.deadLetters)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
