/** A whole processor after PostgreSQL was restored from an older dump, or the archive was off. */
import { afterEach, expect, test } from "bun:test";
import { deleteRecords } from "@tally/shared/kafka/testing";
import { dump, restore } from "./testing/dump.ts";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

const TEST_MS_MAX = 90_000;
let tally: TestProcessor | null = null;
afterEach(async () => {
  await tally?.close();
  tally = null;
});

const idsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `event-${from + index}`);

/** Every event is one row and one line, in as many objects as the table knows. */
async function expectWhole(processed: TestProcessor, ids: readonly string[]): Promise<void> {
  expect(await processed.rowIds()).toEqual([...ids]);
  expect((await processed.lineIds()).toSorted()).toEqual(ids.toSorted());
  const known = await processed.sql<{ key: string }[]>`
    select key from archive_objects where state = 'stored' and key is not null order by key`;
  expect(await processed.objectKeys()).toEqual(known.map(({ key }) => key));
}

/** Position and counters of both sinks, and what the tables hold of them. */
async function ledger({ sql }: TestProcessor) {
  return [
    ...(await sql`
      select sink, next_offset::int as position, records::int, events::int, duplicates::int
      from positions order by sink`),
  ];
}

test(
  "a processor on a restored database reads again, and writes nothing twice",
  async () => {
    tally = await testProcessor({ ARCHIVE_OBJECT_RECORDS_MAX: "10" });
    const before = await tally.start();
    await tally.publish(idsOf(0, 25));
    await tally.settled(25);
    await dump(tally);
    // Objects of 10, 10, 5 and 10, 10, then 20 duplicates that have none, then 3.
    await tally.publish(idsOf(25, 45));
    await tally.settled(45);
    await tally.publish(idsOf(25, 45));
    await tally.settled(65);
    await tally.publish(idsOf(45, 48));
    await tally.settled(68);
    await before.stop();
    const [objects, counted] = [await tally.objectKeys(), await ledger(tally)];

    await restore(tally);
    // New ranges would have other ends now.
    await tally.start({ ARCHIVE_OBJECT_RECORDS_MAX: "7" });
    await tally.settled(68);
    await tally.publish(idsOf(48, 58));
    await tally.settled(78);

    await expectWhole(tally, idsOf(0, 58));
    expect((await tally.objectKeys()).slice(0, objects.length)).toEqual(objects);
    expect(counted).toEqual([
      { sink: "archive", position: 68, records: 68, events: 48, duplicates: 0 },
      { sink: "postgres", position: 68, records: 68, events: 48, duplicates: 20 },
    ]);
    expect(await ledger(tally)).toEqual([
      { sink: "archive", position: 78, records: 78, events: 58, duplicates: 0 },
      { sink: "postgres", position: 78, records: 78, events: 58, duplicates: 20 },
    ]);
  },
  TEST_MS_MAX,
);

/** Twenty events for both sinks, then more for the rows only. Nothing runs afterwards. */
async function switchArchiveOff(
  processed: TestProcessor,
  others: readonly string[],
): Promise<void> {
  const first = await processed.start();
  await processed.publish(idsOf(0, 20));
  await processed.settled(20);
  await first.stop();
  const without = await processed.start({ S3_ENABLED: "false" });
  await processed.publish(others);
  await processed.settled(20 + others.length, ["postgres"]);
  await without.stop();
}

test(
  "the archive catches up exactly once after it was switched off",
  async () => {
    tally = await testProcessor();
    await switchArchiveOff(tally, [...idsOf(20, 50), ...idsOf(20, 25)]);

    const held = await tally.lineIds();
    await tally.start();
    await tally.settled(55);

    expect(held).toHaveLength(20);
    await expectWhole(tally, idsOf(0, 50));
  },
  TEST_MS_MAX,
);

test(
  "the archive makes lines of rows when Kafka lost records while it was switched off",
  async () => {
    tally = await testProcessor();
    await switchArchiveOff(tally, idsOf(20, 50));

    const { topic } = tally.config.kafka;
    await deleteRecords(tally.bootstrapServers, topic, { partition: 0, before: 35n });
    await tally.start();
    await tally.settled(50);

    await expectWhole(tally, idsOf(0, 50));
  },
  TEST_MS_MAX,
);
