/** Who wins when another owner writes an id between two judgements of one batch. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadConfig } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import { migrate, openDatabase, type Database } from "../database/database.ts";
import { registerLog, type TopicLog } from "../pipeline/positions.ts";
import { postgresSink } from "./postgres_sink.ts";
import { append, batchAt, newModel } from "./testing/rows_model.ts";
import type { Batch, Sink } from "../pipeline/sink.ts";

const { schema, topic } = testNames();
const LIMITS = { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false };
const NEVER = new AbortController().signal;
let sql: Database;

beforeAll(async () => {
  const { postgres } = await testStack();
  const env = { DATABASE_URL: postgres.url, DATABASE_SCHEMA: schema };
  sql = openDatabase(loadConfig(env, "processor"), "test");
  await migrate(sql, schema);
});

afterAll(async () => {
  await sql`drop schema ${sql(schema)} cascade`;
  await sql.end();
});

test.each([
  { content: "of the first", variants: [1, 2, 1], fates: ["duplicate", "id_conflict"] },
  { content: "of the second", variants: [1, 2, 2], fates: ["id_conflict", "duplicate"] },
  { content: "of neither", variants: [1, 2, 3], fates: ["id_conflict", "id_conflict"] },
  {
    content: "of the last two",
    variants: [1, 2, 2, 2],
    fates: ["id_conflict", "duplicate", "duplicate"],
  },
])(
  "write() judges anew when meanwhile another owner's event of the id won, with the content $content",
  async ({ variants, fates }) => {
    const id = Bun.randomUUIDv7();
    const topicLog = await registerLog(sql, topic, id);
    const foreign = await batchOf(sinkOver(sql, topicLog), {
      id,
      partition: 1,
      variants: variants.slice(-1),
    });
    const late = sinkOver(
      refusedOnce(() => sinkOver(sql, topicLog).write(foreign, NEVER)),
      topicLog,
    );
    const batch = await batchOf(late, { id, partition: 0, variants: variants.slice(0, -1) });

    const { events } = await late.write(batch, NEVER);

    const stored = await sql<{ partition: number }[]>`
      select partition from web_events where event_id like ${`${id}%`}`;
    expect({ events, stored: [...stored] }).toEqual({ events: 0, stored: [{ partition: 1 }] });
    const judged = await sql<{ fate: string }[]>`
      select 'duplicate' as fate, "offset" from duplicate_events where log = ${topicLog.logNumber}
      union all select code, "offset" from dead_letters where log = ${topicLog.logNumber} order by "offset"`;
    expect(judged.map(({ fate }) => fate)).toEqual([...fates]);
  },
);

function sinkOver(database: Database, topicLog: TopicLog): Sink {
  return postgresSink({
    sql: database,
    topicLog,
    limits: LIMITS,
    answerMsMax: 10_000,
    now: Date.now,
  });
}

/** Events of one id with these contents, from the start of a partition, whose position is made. */
async function batchOf(
  sink: Sink,
  { id, partition, variants }: { id: string; partition: number; variants: readonly number[] },
): Promise<Batch> {
  const model = newModel(id, 2);
  const plain = { id: 1, kind: "event", hasTs: true, skipped: 0 } as const;
  append(
    model,
    partition,
    variants.map((variant) => ({ ...plain, variant })),
  );
  await sink.begin(partition, 0n);
  const batch = batchAt(model, { partition, from: 0n, count: variants.length });
  if (batch === null) throw new Error("No records");
  return batch;
}

/** The database; between the first statement that it refuses and the next, something happens. */
function refusedOnce(meanwhile: () => Promise<unknown>): Database {
  let isOver = false;
  const unsafe = async (...statement: Parameters<Database["unsafe"]>) => {
    try {
      return await sql.unsafe(...statement);
    } catch (error) {
      if (!isOver) await meanwhile();
      isOver = true;
      throw error;
    }
  };
  return new Proxy(sql, {
    get: (database, name) => (name === "unsafe" ? unsafe : Reflect.get(database, name)),
  });
}
