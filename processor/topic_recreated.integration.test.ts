/** A topic that is deleted and created again under a running processor is a new log (section 5). */
import { errorCode, eventually, silentLog, type Log } from "@tally/shared";
import { connectAdmin } from "@tally/shared/kafka";
import { createTopic, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

const FOUND_MS_MAX = 30_000;
const STORED_MS_MAX = 30_000;

let processor: TestProcessor;
const errors: { readonly code: string; readonly text: string }[] = [];
const note = ({ code }: { code?: string }, text: string) => {
  if (code !== undefined) errors.push({ code, text });
};
const log = Object.assign(silentLog(), { error: note }) as unknown as Log;

beforeAll(async () => {
  processor = await testProcessor();
}, 60_000);
afterAll(() => processor.close());

/** Deletes the topic and creates it again, as fast as Kafka can. */
async function recreateTopic(): Promise<void> {
  const { topic } = processor.config.kafka;
  const admin = await connectAdmin({ bootstrapServers: processor.bootstrapServers });
  try {
    await admin.deleteTopics([topic]);
    await createTopic(await testStack(), { topic, partitions: 1 });
  } finally {
    await admin.disconnect();
  }
}

/** Ids of the rows of each log, in offset order. */
async function rowsByLog(): Promise<string[][]> {
  const rows = await processor.sql<{ ids: string[] }[]>`
    select json_agg(event_id order by "offset") as ids from web_events group by log order by log`;
  return rows.map(({ ids }) => ids);
}

function idsOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`);
}

/**
 * Runs a processor until it reports that it must end, while the topic is replaced by one with these
 * events. Then the next one stores them.
 */
async function replaceTopic(eventIds: readonly string[], isReady: () => Promise<boolean>) {
  errors.length = 0;
  const ended = Promise.withResolvers<unknown>();
  const first = await processor.start({}, { log, onDefect: ended.resolve });
  expect(await eventually(isReady, STORED_MS_MAX)).toBe(true);

  await recreateTopic();
  await processor.publish(eventIds);
  const tooLate = Bun.sleep(FOUND_MS_MAX).then(() => "the processor went on");
  const error = await Promise.race([ended.promise, tooLate]);
  const before = await rowsByLog();
  await first.stop();
  const next = await processor.start();
  const isStored = async () => (await rowsByLog()).at(-1)?.length === eventIds.length;
  await eventually(isStored, STORED_MS_MAX);
  const lines = async () => (await processor.lineIds()).length;
  const rows = (await rowsByLog()).flat().length;
  await eventually(async () => (await lines()) === rows, STORED_MS_MAX);
  await next.stop();
  return { error, before };
}

const isOpen = async () => {
  const rows = await processor.sql`select from positions where log = (select max(log) from logs)`;
  return rows.length === 2;
};

test("a topic that replaces an empty one is a new log, and so is one that replaces that", async () => {
  const [second, third] = [idsOf("second", 5), idsOf("third", 8)];

  // The position is 0: every offset of the new topic lies at or above it.
  const one = await replaceTopic(second, isOpen);
  const linesOfOne = [...errors];
  const two = await replaceTopic(third, isOpen);

  expect(errorCode(one.error)).toBe("topic_recreated");
  expect(one.before).toEqual([]);
  expect(linesOfOne).toEqual([
    { code: "topic_recreated", text: expect.stringContaining("was deleted and created again") },
  ]);
  expect(errorCode(two.error)).toBe("topic_recreated");
  // Nothing of the new topic stands under the old log, although its offsets go further.
  expect(two.before).toEqual([second]);
  expect(errors).toEqual([expect.objectContaining({ code: "topic_recreated" })]);
  expect(await rowsByLog()).toEqual([second, third]);
  expect((await processor.lineIds()).toSorted()).toEqual([...second, ...third].toSorted());
  const stopped = await processor.sql`select from positions where stopped is not null`;
  expect(stopped).toHaveLength(0);
}, 180_000);
