/** The rows on a real PostgreSQL against a model: several owners write, at once and again. */
import { beforeAll, expect, test } from "bun:test";
import { errorCode } from "@tally/shared";
import fc, { type AsyncCommand } from "fast-check";
import { modelRuns } from "../testing/model_runs.ts";
import { moveOldCounts } from "../counts/move.ts";
import { registerLog } from "../pipeline/positions.ts";
import {
  append,
  batchAt,
  contestedIds,
  expectedCounts,
  expectedTables,
  newModel,
  partitionOf,
  REFUSED_TYPE,
  write,
  type RowsModel,
  type Wanted,
} from "./testing/rows_model.ts";
import { NEVER, sinkOver, useTables } from "./testing/tables.ts";
import type { Batch, Sink, Written } from "../pipeline/sink.ts";

const RUNS = 300;
const COMMANDS_MAX = 30;
const PARTITIONS = 3;
const OWNERS = 3;
const IDS = 8;
const tables = useTables();
let runs = 0;

// A row that only the database can refuse.
beforeAll(async () => {
  await tables.sql.unsafe(`alter table web_events add check (event_type <> '${REFUSED_TYPE}')`);
});

/** Processes that all believe that they own every partition, at the position they last read. */
interface Owners {
  readonly logNumber: number;
  readonly sinks: readonly Sink[];
  readonly believed: bigint[][];
}

type Step = AsyncCommand<RowsModel, Owners>;

interface Turn {
  readonly owner: number;
  readonly partition: number;
  readonly count: number;
}

function step(name: string, run: (model: RowsModel, owners: Owners) => Promise<void>): Step {
  return { check: () => true, run, toString: () => name };
}

const appendTo = (partition: number, wanted: readonly Wanted[]) =>
  step(`append(${partition}, ${JSON.stringify(wanted)})`, async (model) =>
    append(model, partition, wanted),
  );

const reopen = (owner: number, partition: number) =>
  step(`open(owner ${owner}, partition ${partition})`, async (model, owners) => {
    const opened = await sinkOf(owners, owner).open(partition);
    expect(opened.nextOffset).toBe(partitionOf(model, partition).position);
    setBelieved(owners, { owner, partition }, opened.nextOffset ?? 0n);
  });

/** An owner writes what it believes is next: right, written before, or written by another owner. */
const writeNext = (turn: Turn) =>
  step(`write(${JSON.stringify(turn)})`, async (model, owners) => {
    const batch = nextBatch(model, owners, turn);
    if (batch === null) return;
    const { position } = partitionOf(model, turn.partition);
    const outcome = await attempt(owners, turn, batch);
    if (batch.firstOffset === position) {
      const fates = write(model, new Map([[turn.partition, batch.nextOffset]]));
      expect(outcome).toMatchObject({
        already: false,
        events: fates.filter((fate) => fate === "row").length,
        duplicates: fates.filter((fate) => fate === "duplicate").length,
      });
    } else if (batch.nextOffset === position) {
      expect(outcome).toMatchObject({ already: true, events: 0, duplicates: 0, deadLetters: [] });
    } else expect(outcome).toBe("position_moved");
    expect(await positions(owners)).toEqual(model.partitions.map((each) => each.position));
    expect(await readCounts()).toEqual(expectedCounts(model));
  });

/** Owners write at once, to one partition or several: one whole batch per partition is stored. */
const race = (turns: readonly Turn[]) =>
  step(`race(${JSON.stringify(turns)})`, async (model, owners) => {
    const batches = turns.map((turn) => nextBatch(model, owners, turn));
    const [outcomes] = await Promise.all([
      Promise.all(turns.map((turn, index) => attempt(owners, turn, batches[index] ?? null))),
      moveOldCounts(tables.sql, AGES.all),
    ]);
    const after = await positions(owners);
    const moved = new Map<number, bigint>();
    for (const [partition, { position }] of model.partitions.entries()) {
      const ends = batches.flatMap((batch) =>
        batch?.partition === partition && batch.firstOffset === position ? [batch.nextOffset] : [],
      );
      expect(ends.length === 0 ? [position] : ends).toContain(after[partition] as bigint);
      moved.set(partition, after[partition] ?? position);
    }
    write(model, moved, await winnersOf(contestedIds(model, moved)));
    for (const [index, outcome] of outcomes.entries()) {
      const batch = batches[index];
      if (batch === null || batch === undefined || outcome === "position_moved") continue;
      expect(outcome).toMatchObject({ batch: { partition: batch.partition } });
      expect(batch.nextOffset).toBeLessThanOrEqual(after[batch.partition] as bigint);
    }
    expect(await readCounts()).toEqual(expectedCounts(model));
  });

const AGES = {
  none: "900 years",
  all: { minutes: "-900 years", quarters: "-900 years" },
} as const;

/** Moves counts into wider buckets, which changes no sum. */
const move = (what: "minutes" | "quarters") =>
  step(`move(${what})`, async (model) => {
    const { none, all } = AGES;
    await moveOldCounts(tables.sql, {
      ...all,
      [what === "minutes" ? "quarters" : "minutes"]: none,
    });
    expect(await readCounts()).toEqual(expectedCounts(model));
  });

function sinkOf({ sinks }: Owners, owner: number): Sink {
  const sink = sinks[owner];
  if (sink === undefined) throw new Error(`No owner ${owner}`);
  return sink;
}

function setBelieved(
  { believed }: Owners,
  { owner, partition }: Pick<Turn, "owner" | "partition">,
  offset: bigint,
): void {
  const own = believed[owner];
  if (own !== undefined) own[partition] = offset;
}

function nextBatch(model: RowsModel, { believed }: Owners, turn: Turn): Batch | null {
  const { owner, partition, count } = turn;
  return batchAt(model, { partition, from: believed[owner]?.[partition] ?? 0n, count });
}

/** The result of a write, or the code of its refusal. */
async function attempt(owners: Owners, turn: Turn, batch: Batch | null) {
  if (batch === null) return null;
  try {
    const written: Written = await sinkOf(owners, turn.owner).write(batch, NEVER);
    setBelieved(owners, turn, batch.nextOffset);
    return written;
  } catch (error) {
    if (errorCode(error) !== "position_moved") throw error;
    return "position_moved";
  }
}

async function positions({ logNumber }: Owners): Promise<bigint[]> {
  const rows = await tables.sql<{ next_offset: string }[]>`
    select next_offset::text from positions where log = ${logNumber} order by partition`;
  return rows.map((row) => BigInt(row.next_offset));
}

async function winnersOf(ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await tables.sql<{ event_id: string; place: string }[]>`
    select event_id, partition || ':' || "offset" as place from web_events
    where event_id = any(${`{${ids}}`}::text[])`;
  return new Map(rows.map((row) => [row.event_id, row.place]));
}

/** The counts as the model has them. They are over all logs, so each run begins without any. */
async function readCounts(): Promise<readonly string[]> {
  const rows = await tables.sql<{ count: string }[]>`
    select to_char(bucket_of('15 minutes', start), 'YYYY-MM-DD"T"HH24:MI') || ' ' || kind || ' '
      || sum(events) as count
    from (
      select start, event_type as kind, events from counted_events('-infinity', 'infinity')
      union all
      select start, 'total', events from counted_totals('-infinity', 'infinity')
      union all
      select start, 'late', late from counted_totals('-infinity', 'infinity')
    ) as counted
    group by bucket_of('15 minutes', start), kind having sum(events) <> 0`;
  return rows.map(({ count }) => count).toSorted();
}

async function readTables({ logNumber }: Owners) {
  const { sql } = tables;
  const place = sql`partition || ':' || "offset" as place`;
  const order = sql`where log = ${logNumber} order by partition, "offset"`;
  const rows = await sql`
    select ${place}, event_id, (payload -> 'variant')::int as variant,
      case when ts = received_at then 0 else extract(second from ts)::int end as ts, source
    from web_events ${order}`;
  const duplicates = await sql`select ${place}, event_id from duplicate_events ${order}`;
  const deadLetters = await sql`
    select ${place}, code, convert_from(value, 'UTF8') as value from dead_letters ${order}`;
  const gaps = await sql`
    select partition, lower(hole)::text as first, (upper(hole) - 1)::text as last
    from offset_gaps gap, unnest(gap_holes(gap)) as hole
    where log = ${logNumber} order by partition, lower(hole)`;
  const moved = await sql`
    select next_offset::text, records::int, events::int, duplicates::int, dead_letters::int,
      dead_letter_codes, event_types, last_hash
    from positions where log = ${logNumber} order by partition`;
  const values = (found: Iterable<object>) => [...found].map((row) => Object.values(row));
  return {
    rows: values(rows),
    duplicates: values(duplicates),
    deadLetters: values(deadLetters),
    gaps: values(gaps),
    positions: [...moved].map((row) => ({ ...row })),
  };
}

async function newOwners(prefix: string): Promise<Owners> {
  const { sql } = tables;
  const topicLog = await registerLog(sql, "topic", prefix);
  // One sink tries the statement for new events with every batch, the others less often.
  const sinks = Array.from({ length: OWNERS }, (_, owner) =>
    sinkOver(sql, topicLog, { judgedBatches: owner * 2 }),
  );
  for (let partition = 0; partition < PARTITIONS; partition++) await sinks[0]?.begin(partition, 0n);
  return {
    logNumber: topicLog.logNumber,
    sinks,
    believed: sinks.map(() => Array<bigint>(PARTITIONS).fill(0n)),
  };
}

const partition = fc.nat({ max: PARTITIONS - 1 });
const owner = fc.nat({ max: OWNERS - 1 });
const turn = fc.record({ owner, partition, count: fc.integer({ min: 1, max: 6 }) });
const wanted = fc.record({
  id: fc.nat({ max: IDS - 1 }),
  kind: fc.constantFrom("event", "event", "event", "event", "event", "refused", "corrupt"),
  variant: fc.constantFrom(1, 1, 1, 2),
  ts: fc.constantFrom<Wanted["ts"][]>(0, 0, 0, 1, 1, 2),
  hasSource: fc.boolean(),
  skipped: fc.constantFrom(0, 0, 0, 0, 0, 3),
}) satisfies fc.Arbitrary<Wanted>;
const records = fc.array(wanted, { minLength: 1, maxLength: 8 });
const steps = fc.commands(
  [
    fc.tuple(partition, records).map(([to, some]) => appendTo(to, some)),
    fc.tuple(partition, records).map(([to, some]) => appendTo(to, some)),
    turn.map(writeNext),
    turn.map(writeNext),
    fc.tuple(owner, partition).map(([who, where]) => reopen(who, where)),
    fc.array(turn, { minLength: 2, maxLength: 4 }).map(race),
    fc.constantFrom("minutes", "quarters").map(move),
  ],
  { maxCommands: COMMANDS_MAX, size: "max" },
);

test("write() leaves exactly the rows, duplicates, dead letters, gaps, counters and positions of the model", async () => {
  const property = fc.asyncProperty(steps, async (commands) => {
    const prefix = `run-${runs++}`;
    const model = newModel(prefix, PARTITIONS);
    const owners = await newOwners(prefix);
    for (const table of ["minute_counts", "quarter_counts", "hour_counts", "hour_totals"]) {
      await tables.sql`delete from ${tables.sql(table)}`;
    }

    await fc.asyncModelRun(() => ({ model, real: owners }), commands);

    expect(await readTables(owners)).toEqual(expectedTables(model));
  });
  await fc.assert(property, modelRuns(RUNS));
});
