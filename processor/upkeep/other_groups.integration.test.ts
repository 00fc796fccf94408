/** Two processors that work on the same tables under different group prefixes notice each other. */
import { createMetrics, eventually, monotonicNow, silentLog, type Log } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { openTestDatabase, type TestDatabase } from "../http/testing/server.ts";
import { startOtherGroups } from "./other_groups.ts";

let database: TestDatabase;

beforeAll(async () => {
  const stack = await testStack();
  database = await openTestDatabase(stack.postgres.url, testNames().schema);
}, 120_000);
afterAll(() => database.close());

function start(groupPrefix: string, label = "", partitions: readonly number[] = []) {
  const lines: string[] = [];
  const note = (_: unknown, text: string) => void lines.push(text);
  const metrics = createMetrics("processor");
  const task = startOtherGroups({
    sql: database.sql,
    topicLog: () => database.topicLog,
    groupPrefix,
    processId: Bun.randomUUIDv7(),
    label,
    held: () => ({ postgres: partitions, archive: [] }),
    now: monotonicNow,
    metrics,
    log: { ...silentLog(), error: note, info: note } as unknown as Log,
    backoffMsMax: 1000,
    random: () => 0.5,
  });
  const isSame = async (value: number) =>
    (await metrics.expose()).includes(`processor_other_groups ${value}`);
  return { ...task, lines, isSame };
}

test("startOtherGroups() says once that another group works on the same tables, and when it no longer does", async () => {
  const blue = start("blue");
  const twin = start("blue");
  const green = start("green");

  expect(await eventually(() => blue.groups().includes("green"), 20_000)).toBe(true);
  expect(await eventually(() => green.groups().includes("blue"), 20_000)).toBe(true);
  const shown = [await blue.isSame(1), twin.groups().includes("blue")];
  await green.stop();
  const isOver = await eventually(() => blue.groups().length === 0, 20_000);
  await Promise.all([blue.stop(), twin.stop()]);

  expect(shown).toEqual([true, false]);
  expect(isOver).toBe(true);
  expect(blue.lines).toEqual([
    expect.stringContaining("every record is processed more than once"),
    expect.stringContaining("no longer"),
  ]);
  expect(await database.sql`select from processors`).toHaveLength(0);
}, 60_000);

test("startOtherGroups() knows the owner of each partition, and forgets those of one that ended", async () => {
  const first = start("blue", "host-a:1", [0, 1]);
  const second = start("blue", "host-b:2", [2]);
  const green = start("green", "host-c:3", [0, 1, 2]);
  const owners = () => Object.fromEntries(first.owners().postgres);

  const isKnown = await eventually(() => owners()[2] === "host-b:2", 20_000);
  const both = owners();
  await second.stop();
  const isForgotten = await eventually(() => owners()[2] === undefined, 20_000);
  await Promise.all([first.stop(), green.stop()]);

  expect([isKnown, isForgotten]).toEqual([true, true]);
  expect(both).toEqual({ 0: "host-a:1", 1: "host-a:1", 2: "host-b:2" });
}, 60_000);
