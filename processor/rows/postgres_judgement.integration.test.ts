/** Which event wins when another owner writes its id between two judgements of a batch. */
import { expect, test } from "bun:test";
import type { Database } from "@tally/shared/database";
import { registerLog } from "../pipeline/positions.ts";
import { append, batchAt, newModel } from "./testing/rows_model.ts";
import { NEVER, sinkOver, useTables } from "./testing/tables.ts";
import type { Batch, Sink } from "../pipeline/sink.ts";

const tables = useTables();

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
  "write() judges again when another owner's event of the id won meanwhile, with the content $content",
  async ({ variants, fates }) => {
    const id = Bun.randomUUIDv7();
    const { sql } = tables;
    const topicLog = await registerLog(sql, "topic", id);
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

/** Events of one id with these contents, at the start of a partition; makes its position. */
async function batchOf(
  sink: Sink,
  { id, partition, variants }: { id: string; partition: number; variants: readonly number[] },
): Promise<Batch> {
  const model = newModel(id, 2);
  const plain = { id: 1, kind: "event", ts: 1, hasSource: false, skipped: 0 } as const;
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

/** The database; `meanwhile` runs after the first statement that it refuses, before the next. */
function refusedOnce(meanwhile: () => Promise<unknown>): Database {
  let isOver = false;
  const unsafe = async (...statement: Parameters<Database["unsafe"]>) => {
    try {
      return await tables.sql.unsafe(...statement);
    } catch (error) {
      if (!isOver) await meanwhile();
      isOver = true;
      throw error;
    }
  };
  return new Proxy(tables.sql, {
    get: (database, name) => (name === "unsafe" ? unsafe : Reflect.get(database, name)),
  });
}
