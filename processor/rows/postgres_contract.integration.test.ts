/** The contract suite of all sinks against the rows. */
import { loadConfig } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import { migrate, openDatabase, type Database } from "../database/database.ts";
import { registerLog } from "../pipeline/positions.ts";
import { postgresSink } from "./postgres_sink.ts";
import { sinkContract } from "../pipeline/testing/sink_contract.ts";

const LIMITS = { recordsMax: 1000, bytesMax: 1_000_000, ageMsMax: 10, hourly: false };

sinkContract("postgresSink()", async () => {
  const stack = await testStack();
  const { schema } = testNames();
  const config = loadConfig(
    { DATABASE_URL: stack.postgres.url, DATABASE_SCHEMA: schema },
    "processor",
  );
  const pool = openDatabase(config, "test");
  await migrate(pool, schema);
  const contractLog = await registerLog(pool, "contract", "topic-id");
  const sinkOver = (database: Database) =>
    postgresSink({
      sql: database,
      topicLog: contractLog,
      limits: LIMITS,
      answerMsMax: 10_000,
      now: Date.now,
    });
  // Nothing listens on port 1 of the loopback: every statement fails as in an outage.
  const away = openDatabase(
    loadConfig({ DATABASE_URL: "postgres://a:b@127.0.0.1:1/c" }, "processor"),
    "test",
  );
  return {
    newSink: () => sinkOver(pool),
    newFailingSink: () => {
      const [failing, working] = [sinkOver(away), sinkOver(pool)];
      let writes = 0;
      return {
        name: working.name,
        limits: working.limits,
        open: (partition) => working.open(partition),
        begin: (partition, offset) => working.begin(partition, offset),
        idle: (partition, nextOffset) => working.idle(partition, nextOffset),
        stop: (partition, reason) => working.stop(partition, reason),
        look: () => working.look(),
        write: (batch, signal) => (writes++ === 0 ? failing : working).write(batch, signal),
      };
    },
    prepare: async () => undefined,
    storedIds: async (partition) => {
      const rows = await pool<
        { event_id: string }[]
      >`select event_id from web_events where partition = ${partition} order by "offset"`;
      return rows.map((row) => row.event_id);
    },
    close: async () => {
      await pool`drop schema ${pool(schema)} cascade`;
      await Promise.all([pool.end(), away.end({ timeout: 1 })]);
    },
  };
});
