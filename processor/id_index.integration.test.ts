/** The warning about an index of event ids that outgrows PostgreSQL's memory, on a small server. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { eventually, silentLog, type Log } from "@tally/shared";
import { endStack, ownStack } from "@tally/stack/testing";
import type { Stack } from "@tally/stack";
import { SQL } from "bun";
import { parsePositionsArguments } from "./commands/positions/arguments.ts";
import { runPositions } from "./commands/positions/run.ts";
import { start } from "./main.ts";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

const START_MS_MAX = 60_000;
const LOGGED_MS_MAX = 30_000;
/** Their index needs about 2 MiB. */
const ROWS = 30_000;
const RANDOM = "gen_random_uuid()::text";
const ORDERED = "lpad(n::text, 36, '0')";
const WARNING = "is larger than PostgreSQL's shared_buffers (1 MiB)";
let stack: Stack<"postgres">;
let tally: TestProcessor;

beforeAll(async () => {
  stack = await ownStack({ use: ["postgres"] });
  const sql = new SQL(stack.postgres.url, { max: 1 });
  await sql.unsafe("alter system set shared_buffers = '1MB'");
  await sql.close();
  await stack.postgres.stop();
  await stack.postgres.start();
  tally = await testProcessor({ DATABASE_URL: stack.postgres.url });
}, START_MS_MAX);
beforeEach(async () => {
  await tally.sql`truncate web_events`;
});
afterAll(async () => {
  await tally.close();
  await endStack(stack as unknown as Stack);
});

async function fill(id: string): Promise<void> {
  await tally.sql.unsafe(`insert into web_events
    select ${id}, 's', 'page_view', now(), now(), '{}', 1, 0, n from generate_series(1, ${ROWS}) n`);
  await tally.sql`analyze web_events`;
}

async function positions(line: string): Promise<string> {
  const parsed = parsePositionsArguments(line.split(" "));
  if (parsed.kind !== "run") throw new Error(parsed.text);
  let text = "";
  const print = (part: string) => (text += part);
  const options = { config: tally.config, print, ask: () => false, user: "operator" };
  expect(await runPositions(parsed.value, options)).toBe(0);
  return text.replaceAll("\n", " ");
}

test.each(["show", "explain"])("positions %s warns when random ids outgrow it", async (command) => {
  await fill(RANDOM);

  expect(await positions(command)).toContain(`${WARNING}: since the ids are random`);
});

test("positions does not warn when the ids are ordered, however large the index is", async () => {
  await fill(ORDERED);

  expect(await positions("show")).not.toContain("shared_buffers");
});

test("positions shows the positions while the index is locked, without the warning", async () => {
  await fill(RANDOM);
  const sql = new SQL(stack.postgres.url, { max: 1 });
  const locked = Promise.withResolvers<void>();
  const shown = Promise.withResolvers<void>();
  const holding = sql.begin(async (transaction) => {
    await transaction.unsafe(`reindex table "${tally.schema}".web_events`);
    locked.resolve();
    await shown.promise;
  });
  await locked.promise;

  const text = await positions("show").finally(shown.resolve);
  await holding;
  await sql.close();

  expect(text).not.toContain("shared_buffers");
});

test(
  "start() logs once that random ids outgrow it, and the processor works",
  async () => {
    await fill(RANDOM);
    const lines: string[] = [];
    const warn = (_: object, text: string) => void lines.push(text);
    const log = { ...silentLog(), warn } as unknown as Log;

    const running = await start(tally.config, { log });
    const isLogged = await eventually(() => lines.some(isWarning), LOGGED_MS_MAX);
    await tally.publish(["event-1"]);
    await tally.settled(1);
    await running.stop();

    expect(isLogged).toBeTrue();
    expect(lines.filter(isWarning)).toHaveLength(1);
  },
  START_MS_MAX + LOGGED_MS_MAX,
);

function isWarning(text: string): boolean {
  return text.includes(WARNING);
}
