/** The contract suite of all sinks against the rows. */
import { registerLog } from "../pipeline/positions.ts";
import { sinkContract } from "../pipeline/testing/sink_contract.ts";
import { openPool, openTables, sinkOver } from "./testing/tables.ts";

sinkContract("postgresSink()", async () => {
  const { sql, close } = await openTables();
  const topicLog = await registerLog(sql, "contract", "topic-id");
  // Nothing listens on port 1 of the loopback: every statement fails as in an outage.
  const away = openPool({ DATABASE_URL: "postgres://a:b@127.0.0.1:1/c" });
  return {
    newSink: () => sinkOver(sql, topicLog),
    newFailingSink: () => {
      const [failing, working] = [sinkOver(away, topicLog), sinkOver(sql, topicLog)];
      let writes = 0;
      return {
        name: working.name,
        limits: working.limits,
        losesDeleted: working.losesDeleted,
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
      const rows = await sql<
        { event_id: string }[]
      >`select event_id from web_events where partition = ${partition} order by "offset"`;
      return rows.map((row) => row.event_id);
    },
    close: async () => {
      await Promise.all([close(), away.end({ timeout: 1 })]);
    },
  };
});
