/** A whole processor behind a real PgBouncer (see stack/testing/pooler.ts). */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testStack } from "@tally/stack/testing";
import { PGBOUNCER, startPooler, type Pooler } from "@tally/stack/testing/pooler";
import { administeredDatabase, type AdministeredDatabase } from "./database/testing/roles.ts";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

const START_MS_MAX = 120_000;

if (PGBOUNCER === null) {
  test("PgBouncer is not installed here: a processor behind it was NOT tested", () => {
    console.warn(
      "Not tested behind a real PgBouncer: apt-get install pgbouncer, and run it again.",
    );
    expect(PGBOUNCER).toBeNull();
  });
}

describe.each(PGBOUNCER === null ? [] : ["transaction"])("PgBouncer, %s mode", (mode) => {
  let database: AdministeredDatabase;
  let pooler: Pooler;
  let tally: TestProcessor;

  beforeAll(async () => {
    await testStack();
    database = await administeredDatabase();
    const settings = {
      search_path: "tally",
      statement_timeout: "5000",
      lock_timeout: "4000",
      idle_in_transaction_session_timeout: "5000",
    };
    const of = `role ${database.role} in database ${database.name}`;
    await database.run(
      `create schema tally authorization ${database.role}`,
      ...Object.entries(settings).map(([name, value]) => `alter ${of} set ${name} = '${value}'`),
    );
    // Fewer sessions than connections: each statement may get another one.
    pooler = await startPooler(database, `pool_mode = ${mode}\nmax_db_connections = 3`);
    tally = await testProcessor({
      DATABASE_URL: `${pooler.url}?pgbouncer=true`,
      DATABASE_SCHEMA: "tally",
    });
  }, START_MS_MAX);
  afterAll(async () => {
    await tally.close();
    await pooler.stop();
    await database.close();
  });

  test("every event is one row and one archive line", async () => {
    const ids = Array.from({ length: 200 }, (_, number) => `pooled-${number}`);
    await tally.start();
    await tally.publish(ids);
    await tally.settled(ids.length);

    expect(await tally.rowIds()).toEqual(ids);
    expect(await tally.lineIds()).toEqual(ids);
  }, 60_000);
});
