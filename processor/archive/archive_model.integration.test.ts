/**
 * The archive's protocol on a real PostgreSQL against a model: owners are killed
 * and frozen at every step and come back at any time, and each range still gets
 * its one object (P4, P5).
 */
import { expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { isRetryable } from "@tally/shared";
import fc, { type AsyncCommand } from "fast-check";
import {
  isWhole,
  newBucket,
  Owner,
  type Bucket,
  type Outcome,
  type Trap,
} from "./testing/archive_model.ts";
import {
  addDeadLetter,
  addDuplicate,
  archiveOfFile,
  lineIds,
  newPartition,
  type ObjectRow,
} from "./testing/archive.ts";
import { modelRuns } from "../testing/model_runs.ts";
import { recordHash } from "../pipeline/record_hash.ts";
import type { Batch } from "../pipeline/sink.ts";
import { testBatch } from "../pipeline/testing/sink_contract.ts";

const RUNS = 400;
const COMMANDS_MAX = 25;
const OWNERS = 3;
const RECORDS = 30;
/** More calls than a write has: a trap after the last call has no effect. */
const CALLS_MAX = 10;
const archive = archiveOfFile();

/** The log and which of its records are rows: every one of these is a line, and nothing else. */
interface Model {
  readonly log: Batch;
  /** Offsets of duplicates and dead letters. */
  readonly excluded: ReadonlySet<number>;
  /** How far PostgreSQL holds the rows. */
  rows: number;
  /** As the tables were when last read. */
  position: bigint;
  seen: readonly ObjectRow[];
}

interface World {
  readonly partition: number;
  readonly bucket: Bucket;
  readonly owners: readonly Owner[];
}

type Step = AsyncCommand<Model, World>;

const addRows = (count: number): Step => ({
  check: ({ rows }) => rows < RECORDS,
  run: async (model) => {
    const next = Math.min(RECORDS, model.rows + count);
    for (let offset = model.rows; offset < next; offset++) {
      const add = offset % 2 === 0 ? addDuplicate : addDeadLetter;
      if (model.excluded.has(offset)) await add(archive, model.log, BigInt(offset));
    }
    model.rows = next;
    await archive.setRows(model.log.partition, BigInt(next));
  },
  toString: () => `addRows(${count})`,
});

const reopen = (index: number): Step => ({
  check: () => true,
  run: async (model, { owners, partition }) => {
    const owner = owners[index];
    if (owner === undefined || owner.isFrozen) return;
    const { nextOffset, plannedLastOffsets } = await owner.sink.open(partition);
    expect(nextOffset).toBe(model.position);
    owner.believed = { nextOffset: nextOffset ?? 0n, planned: plannedLastOffsets };
  },
  toString: () => `open(owner ${index})`,
});

/** Treats what is planned as if it were stored, as no owner should. */
const runAhead = (index: number): Step => ({
  check: () => true,
  run: async (model, { owners }) => {
    const owner = owners[index];
    const last = model.seen.at(-1);
    if (owner === undefined || last === undefined || owner.isFrozen) return;
    owner.believed = { nextOffset: BigInt(endOf(last)), planned: [] };
  },
  toString: () => `runAhead(owner ${index})`,
});

interface Turn {
  readonly index: number;
  readonly count: number;
  readonly trap: Trap | null;
}

/** An owner archives the range that it believes to be next, and may be stopped before its end. */
const write = (turn: Turn): Step => ({
  check: () => true,
  run: async (model, world) => {
    const owner = world.owners[turn.index];
    if (owner === undefined || owner.isFrozen) return;
    const batch = nextBatch(model, owner, turn.count);
    if (batch === null) return;
    const outcome = await owner.write(batch, turn.trap);
    await expectPromises(model, world);
    if (outcome !== null) expectHonest(model, owner, outcome);
  },
  toString: () => `write(${JSON.stringify(turn)})`,
});

const thaw = (index: number): Step => ({
  check: () => true,
  run: async (model, world) => {
    const owner = world.owners[index];
    const outcome = (await owner?.thaw()) ?? null;
    await expectPromises(model, world);
    if (owner !== undefined && outcome !== null) expectHonest(model, owner, outcome);
  },
  toString: () => `thaw(owner ${index})`,
});

/** The range of the known plan, or up to `count` records. Null when PostgreSQL lacks their rows. */
function nextBatch({ log, rows }: Model, { believed }: Owner, count: number): Batch | null {
  const first = Number(believed.nextOffset);
  const planned = believed.planned[0];
  const next = planned === undefined ? Math.min(first + count, rows) : Number(planned) + 1;
  if (next <= first || next > rows) return null;
  return {
    ...log,
    firstOffset: BigInt(first),
    nextOffset: BigInt(next),
    records: log.records.slice(first, next),
    reason: planned === undefined ? "records" : "planned",
  };
}

/** A resolved write is archived. A rejected one may be repeated, and never needs an operator. */
function expectHonest(model: Model, owner: Owner, outcome: Outcome): void {
  if (outcome.kind === "failed") {
    expect([outcome.error, isRetryable(outcome.error)]).toEqual([outcome.error, true]);
    return;
  }
  const { nextOffset } = outcome.written.batch;
  expect(nextOffset).toBeLessThanOrEqual(model.position);
  owner.believed = { nextOffset, planned: owner.believed.planned.slice(1) };
}

/** What holds after every step, whichever owner is frozen. */
async function expectPromises(model: Model, { partition, bucket }: World): Promise<void> {
  const rows = await archive.rows(partition);
  const { sql, topicLog } = archive;
  const [moved] = await sql`
    select next_offset::text as next, planned_to::text as planned, records::int, events::int,
      objects::int, bytes::int, last_hash
    from positions where sink = 'archive' and log = ${topicLog.logNumber} and partition = ${partition}`;
  const stored = rows.filter(({ state }) => state === "stored");
  const position = BigInt(stored.at(-1)?.last_offset ?? -1n) + 1n;
  // Ranges tile, the stored ones first, and what was planned or stored stays as it was.
  expect(rows.map((row) => row.first_offset)).toEqual(
    ["0", ...rows.map(endOf)].slice(0, rows.length),
  );
  expect(rows.slice(0, stored.length)).toEqual(stored);
  expect(rows.slice(0, model.seen.length).map(planOf)).toEqual(model.seen.map(planOf));
  expect(position).toBeGreaterThanOrEqual(model.position);
  const last = model.log.records[Number(position) - 1];
  expect({ ...moved }).toEqual({
    next: String(position),
    planned: rows.length === 0 ? "0" : endOf(rows[rows.length - 1] as ObjectRow),
    records: Number(position),
    events: sum(stored.map(({ events }) => events)),
    objects: stored.filter(({ key }) => key !== null).length,
    bytes: sum(stored.map(({ bytes }) => bytes)),
    last_hash: last === undefined ? null : recordHash(last.record.value),
  });
  expectObjects(model, rows, bucket);
  Object.assign(model, { position, seen: rows });
}

/** At most one object per plan, exactly one once it is stored; its lines are the range's rows. */
function expectObjects(model: Model, rows: readonly ObjectRow[], { objects }: Bucket): void {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  for (const [key, object] of objects) {
    const row = byKey.get(key);
    if (row === undefined) throw new Error(`Object ${key} belongs to no plan`);
    const lines = row.format === "json" ? object.body : gunzipSync(object.body);
    expect(isWhole(object, lines)).toBe(true);
    expect(object.sha256).toBe(row.sha256);
    expect(lineIds(lines)).toEqual(wantedIds(model, row));
  }
  for (const row of rows) {
    const wanted = wantedIds(model, row);
    expect([row.events, row.key === null]).toEqual([wanted.length, wanted.length === 0]);
    if (row.state === "stored" && row.key !== null) expect(objects.has(row.key)).toBe(true);
  }
}

function wantedIds({ log, excluded }: Model, { first_offset, last_offset }: ObjectRow): string[] {
  return log.records
    .slice(Number(first_offset), Number(last_offset) + 1)
    .filter(({ record }) => !excluded.has(Number(record.offset)))
    .map(({ decoded }) => ("eventId" in decoded ? decoded.eventId : ""));
}

const endOf = ({ last_offset }: ObjectRow) => String(BigInt(last_offset) + 1n);
const planOf = ({ state: _state, ...plan }: ObjectRow) => plan;
const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

async function newWorld(excluded: readonly number[]): Promise<{ model: Model; real: World }> {
  const partition = newPartition();
  const log = testBatch({ partition, firstOffset: 0n, count: RECORDS });
  const bucket = newBucket();
  // One is configured otherwise: the plan's key and format win over its own.
  const envs = [{}, {}, { ARCHIVE_COMPRESSION: "gzip", ARCHIVE_KEY_PREFIX: "elsewhere" }];
  const owners = envs.slice(0, OWNERS).map((env) => new Owner(archive, bucket, env));
  await owners[0]?.sink.begin(partition, 0n);
  const model = { log, excluded: new Set(excluded), rows: 0, position: 0n, seen: [] };
  return { model, real: { partition, bucket, owners } };
}

const owner = fc.nat({ max: OWNERS - 1 });
const trap = fc.record({
  call: fc.nat({ max: CALLS_MAX }),
  side: fc.constantFrom("before", "after"),
  how: fc.constantFrom("kill", "freeze"),
}) satisfies fc.Arbitrary<Trap>;
const turn = fc.record({
  index: owner,
  count: fc.integer({ min: 1, max: 6 }),
  trap: fc.option(trap, { freq: 3 }),
});
const steps = fc.commands(
  [
    fc.integer({ min: 1, max: 10 }).map(addRows),
    owner.map(reopen),
    turn.map(write),
    turn.map(write),
    owner.map(thaw),
    owner.map(runAhead),
  ],
  { maxCommands: COMMANDS_MAX, size: "max" },
);
const exclusions = fc.uniqueArray(fc.nat({ max: RECORDS - 1 }), { maxLength: RECORDS / 2 });

test("write() gives each range its one object when owners die and come back at every step", async () => {
  const property = fc.asyncProperty(exclusions, steps, async (excluded, commands) => {
    const { model, real } = await newWorld(excluded);

    await fc.asyncModelRun(() => ({ model, real }), commands);

    // Frozen owners wake up, and one that works finishes the log.
    for (const index of real.owners.keys()) await thaw(index).run(model, real);
    await addRows(RECORDS).run(model, real);
    for (let turns = 0; turns < RECORDS && model.position < RECORDS; turns++) {
      await reopen(0).run(model, real);
      await write({ index: 0, count: 6, trap: null }).run(model, real);
    }
    expect(model.position).toBe(BigInt(RECORDS));
  });
  await fc.assert(property, modelRuns(RUNS));
});
