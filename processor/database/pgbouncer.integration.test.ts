/**
 * A real PgBouncer before a real PostgreSQL. It is a program of the machine (Debian's package
 * `pgbouncer`): where it is missing, one test says so, and pooler.test.ts stands in for it.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { loadConfig, type PipelineError } from "@tally/shared";
import { PGBOUNCER, startPooler, type Pooler } from "@tally/stack/testing/pooler";
import type { Database } from "@tally/shared/database";
import { batchOfIds } from "../rows/testing/batches.ts";
import { newSink, readEnds } from "../rows/testing/tables.ts";
import { pruneDuplicates } from "../upkeep/duplicate_cleanup.ts";
import { openDatabase, prepareTables } from "./database.ts";
import { demandOwnSession } from "./server_check.ts";
import { administeredDatabase, type AdministeredDatabase } from "./testing/roles.ts";

const NEVER = new AbortController().signal;
const START_MS_MAX = 120_000;
const PARTITIONS = 6;
const BATCHES = 20;
/** What a pool of Tally asks a server for when no pooler is named. */
const ASKED =
  "search_path,statement_timeout,lock_timeout,idle_in_transaction_session_timeout,IntervalStyle,bytea_output,array_nulls,extra_float_digits,default_transaction_isolation,idle_session_timeout";

if (PGBOUNCER === null) {
  test("PgBouncer is not installed here: what it does to Tally was NOT tested", () => {
    console.warn("Not tested with a real PgBouncer: apt-get install pgbouncer, and run it again.");
    expect(PGBOUNCER).toBeNull();
  });
}

describe.each(PGBOUNCER === null ? [] : ["transaction", "session"])(
  "PgBouncer, %s mode",
  (mode) => {
    const schema = "tally";
    const pools: Database[] = [];
    let database: AdministeredDatabase;
    let pooler: Pooler;
    let careless: Pooler;

    beforeAll(async () => {
      database = await administeredDatabase();
      await database.run(`create schema ${schema} authorization ${database.role}`);
      pooler = await startPooler(database, `pool_mode = ${mode}`);
      const ignored = `ignore_startup_parameters = ${ASKED}`;
      careless = await startPooler(database, `pool_mode = ${mode}\n${ignored}`);
    }, START_MS_MAX);
    afterAll(async () => {
      await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
      await Promise.all([pooler.stop(), careless.stop()]);
      await database.close();
    });

    function open(url: string): Database {
      const config = loadConfig({ DATABASE_URL: url, DATABASE_SCHEMA: schema }, "processor");
      const sql = openDatabase(config, "test");
      pools.push(sql);
      return sql;
    }

    async function refusalOf(run: Promise<unknown>): Promise<string> {
      const error = await run.catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "config_invalid" });
      const { message, remedy } = error as PipelineError;
      return `${message} ${remedy ?? ""}`;
    }

    test("prepareTables() says that the pooler must be named, when it refuses the settings", async () => {
      const text = await refusalOf(prepareTables(open(pooler.url), schema));

      expect(text).toContain("pgbouncer=true");
      expect(text).toContain("unsupported startup parameter");
    });

    test("prepareTables() notices settings that the pooler has ignored", async () => {
      const text = await refusalOf(prepareTables(open(careless.url), schema));

      expect(text).toContain("search_path");
      expect(text).toContain("statement_timeout");
      expect(text).toContain("pgbouncer=true");
    });

    test("rows and dead letters are written once the role has the settings", async () => {
      const text = await refusalOf(prepareTables(open(`${pooler.url}?pgbouncer=true`), schema));
      await database.run(...(text.match(/alter role [^;]+;/g) ?? []));
      await database.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      const sql = open(`${pooler.url}?pgbouncer=true`);
      await prepareTables(sql, schema).catch(() => prepareTables(sql, schema));
      const { sink, topicLog } = await newSink(sql, "pooled", { partitions: PARTITIONS });

      await Promise.all(
        Array.from({ length: PARTITIONS }, async (_, partition) => {
          for (let batch = 0; batch < BATCHES; batch++) {
            const ids = [`${partition}-${batch}`, `${partition}-${batch}`];
            // The second one of an id is a dead letter: both statements of the rows are used.
            await sink.write(batchOfIds(batch * 2, ids, { partition }), NEVER);
          }
        }),
      );
      const pruned = await pruneDuplicates(sql, 1, NEVER);

      expect(await readEnds(sql, topicLog)).toEqual({
        ends: Array.from({ length: PARTITIONS }, () => String(BATCHES * 2)),
        rows: PARTITIONS * BATCHES,
      });
      expect(pruned).toEqual([]);
    });

    test("demandOwnSession() refuses the pooler: a lock and a cursor belong to one session", async () => {
      const text = await refusalOf(demandOwnSession(open(`${pooler.url}?pgbouncer=true`)));

      expect(text).toContain("set DATABASE_URL to the server itself");
    });
  },
);
