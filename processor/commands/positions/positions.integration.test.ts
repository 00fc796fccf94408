/** `bun run positions` with a running processor, on real servers. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually, runCommand, type RunningService } from "@tally/shared";
import { join } from "node:path";
import { runPositions } from "./run.ts";
import { parsePositionsArguments } from "./arguments.ts";
import { testProcessor, type TestProcessor } from "../../testing/processor.ts";

const START_MS_MAX = 60_000;
const TEST_MS_MAX = 60_000;
let tally: TestProcessor;
let processor: RunningService;

beforeAll(async () => {
  tally = await testProcessor();
  processor = await tally.start();
}, START_MS_MAX);
afterAll(() => tally.close());

interface Outcome {
  readonly code: number;
  readonly text: string;
  readonly asked: number;
}

async function positions(line: string, answer = true): Promise<Outcome> {
  const parsed = parsePositionsArguments(line.split(" "));
  if (parsed.kind !== "run") throw new Error(`the test's own arguments are wrong: ${parsed.text}`);
  let [text, asked] = ["", 0];
  const code = await runPositions(parsed.value, {
    config: tally.config,
    print: (part) => (text += part),
    ask: () => {
      asked += 1;
      return answer;
    },
    user: "operator",
  });
  return { code, text, asked };
}

let published = 0;
const all: string[] = [];

/** Publishes new events; both sinks have them when it resolves. */
async function publishAndSettle(count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `event-${published + index}`);
  all.push(...ids);
  published += count;
  await tally.publish(ids);
  await tally.settled(published);
}

/** Every event is one row and one line, and the ledger of each sink balances. */
async function expectWhole(objects: readonly string[]): Promise<void> {
  expect(await tally.rowIds()).toEqual(all);
  expect((await tally.lineIds()).toSorted()).toEqual(all.toSorted());
  expect(await tally.objectKeys()).toEqual([...objects]);
  const rows = await tally.sql`
    select sink, records::int, events::int, duplicates::int, dead_letters::int
    from positions order by sink`;
  const counts = { records: published, events: published, duplicates: 0, dead_letters: 0 };
  expect([...rows]).toEqual([
    { sink: "archive", ...counts },
    { sink: "postgres", ...counts },
  ]);
  expect(await tally.sql`select from duplicate_events`).toHaveLength(0);
}

test(
  "positions rewind is noticed by a running processor, and nothing is stored twice",
  async () => {
    await publishAndSettle(50);
    await publishAndSettle(50);
    const objects = await tally.objectKeys();
    await tally.sql`delete from web_events where event_id in ('event-3', 'event-70')`;

    const rows = await positions("rewind --sink postgres --partition 0 --to start");
    await eventually(async () => (await tally.rowIds()).length === published, TEST_MS_MAX);
    const archive = await positions("rewind --sink archive --partition 0 --to start --yes");
    await tally.settled(published);

    expect(rows).toMatchObject({ code: 0, asked: 1 });
    expect(rows.text).toContain("go back from offset 100 to 0");
    expect(archive).toMatchObject({ code: 0, asked: 0 });
    await expectWhole(objects);
  },
  TEST_MS_MAX,
);

test(
  "positions rewind is safe while the processor writes",
  async () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `event-${published + index}`);
    all.push(...ids);
    published += ids.length;

    const publishing = tally.publish(ids);
    for (let rewinds = 0; rewinds < 5; rewinds++) {
      await positions(`rewind --sink postgres --partition 0 --to ${rewinds} --yes`);
      await positions("rewind --sink archive --partition 0 --to start --yes");
    }
    await publishing;
    await tally.settled(published);

    await expectWhole(await tally.objectKeys());
  },
  TEST_MS_MAX,
);

test(
  "positions rewind changes nothing when the answer is no",
  async () => {
    await publishAndSettle(10);

    const declined = await positions("rewind --sink postgres --partition 0 --to 0", false);

    expect(declined).toMatchObject({ code: 1, asked: 1 });
    expect(declined.text).toEndWith("Nothing was changed.\n");
    await tally.settled(published);
  },
  TEST_MS_MAX,
);

test(
  "positions resume lets a stopped partition of a running processor continue",
  async () => {
    await publishAndSettle(10);
    const sql = tally.sql;
    const isStopped = async () =>
      (await sql`select from positions where sink = 'postgres' and stopped is not null`).length > 0;
    await processor.stop();
    // As after a loss of Kafka's records: the record before the position is a different one.
    await sql`update positions set last_hash = 'another' where sink = 'postgres'`;
    processor = await tally.start();
    await eventually(isStopped, TEST_MS_MAX);

    const explained = await positions("explain");
    const again = await positions("resume --sink postgres --partition 0 --yes");
    await eventually(isStopped, TEST_MS_MAX);
    const accepted = await positions("resume --sink postgres --partition 0 --accept-log");
    await publishAndSettle(10);
    const running = await positions("resume --sink postgres --partition 0");

    expect(explained.text).toContain("is not the one that was written");
    expect(explained.text).toContain("1 of 2 positions run");
    expect(again.code).toBe(0);
    expect(accepted).toMatchObject({ code: 0, asked: 1 });
    expect(running).toMatchObject({ code: 1, text: "The partition is not stopped.\n" });
    await expectWhole(await tally.objectKeys());
  },
  TEST_MS_MAX,
);

test("positions rewind and resume refuse a partition that the topic does not have", async () => {
  const outcome = await positions("resume --sink archive --partition 7");

  expect(outcome).toMatchObject({ code: 1, text: expect.stringContaining("no partition 7") });
});

test("positions prints tables, and exits with 2 on wrong use", async () => {
  const env = {
    ...Bun.env,
    KAFKA_BOOTSTRAP_SERVERS: tally.bootstrapServers,
    KAFKA_TOPIC: tally.config.kafka.topic,
    DATABASE_URL: tally.config.database.url,
    DATABASE_SCHEMA: tally.schema,
  };
  const run = (...words: string[]) =>
    runCommand([process.execPath, join(import.meta.dir, "main.ts"), ...words], { env });

  const [shown, wrong] = [await run(), await run("rewind", "--partition", "0")];

  expect(shown).toMatchObject({ exitCode: 0, problems: "" });
  expect(shown.text).toContain("(the current topic)");
  expect(shown.text.match(/ {2}runs\n/g)).toHaveLength(2);
  expect(wrong).toMatchObject({
    exitCode: 2,
    problems: expect.stringContaining("--sink <postgres|archive>"),
  });
});
